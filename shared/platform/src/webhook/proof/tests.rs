use std::{cell::Cell, fs, path::Path};

use chrono::Utc;
use lambda_http::http::HeaderName;
use proptest::prelude::*;
use standardwebhooks::Webhook;

use super::*;

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const BODY: &[u8] = br#"{"eventType":"contact.opt_out"}"#;

thread_local! {
    /// Number of bodies that were hashed on this thread, and their bytes.
    static HASHED: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

pub(super) fn count_hashed(bytes: usize) {
    HASHED.set((HASHED.get().0 + 1, HASHED.get().1 + bytes));
}

/// The bodies that were hashed meanwhile, and their bytes.
fn hashed<T>(work: impl FnOnce() -> T) -> ((usize, usize), T) {
    let before = HASHED.get();
    let result = work();
    ((HASHED.get().0 - before.0, HASHED.get().1 - before.1), result)
}

fn secrets(texts: &[&str]) -> Arc<[Key]> {
    keys(&texts.iter().map(|text| (*text).into()).collect::<Vec<_>>())
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let header = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), value.parse().expect("a value"))
    };
    pairs.iter().map(header).collect()
}

/// Headers signed with `key`, `offset` seconds away from now.
fn signed(key: &Webhook, offset: i64) -> HeaderMap {
    let timestamp = Utc::now().timestamp() + offset;
    let signature = key.sign("msg_1", timestamp, BODY).expect("a signature");
    headers(&[
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", &timestamp.to_string()),
        ("webhook-signature", &signature),
    ])
}

fn key(secret: &str) -> Webhook {
    Webhook::new(secret).expect("a key")
}

fn request(headers: &HeaderMap, body: &[u8]) -> Request {
    let mut request = Request::new(body.into());
    request.headers_mut().clone_from(headers);
    request
}

fn authenticate(keys: &[Key], headers: &HeaderMap, body: &[u8]) -> Result<usize, Denied> {
    let request = request(headers, body);
    Proof::of(&request)?.proven_by(keys, &[]).ok_or(Denied::Mismatch)
}

#[test]
fn a_signed_request_gets_in() {
    let headers = signed(&key(SECRET), 0);
    assert_eq!(authenticate(&secrets(&[SECRET]), &headers, BODY), Ok(0));
}

#[test]
fn either_secret_of_a_rotation_is_honored() {
    let rotation = secrets(&["whsec_c2FuZGJveCBzZWNyZXQsIGZvciBzaWduaW5nISE=", SECRET]);
    for (index, secret) in
        ["whsec_c2FuZGJveCBzZWNyZXQsIGZvciBzaWduaW5nISE=", SECRET].into_iter().enumerate()
    {
        assert_eq!(authenticate(&rotation, &signed(&key(secret), 0), BODY), Ok(index));
    }
    let retired = signed(&key("whsec_b2xkIHNlY3JldA=="), 0);
    assert_eq!(authenticate(&rotation, &retired, BODY), Err(Denied::Mismatch));
}

#[test]
fn a_secret_is_one_key_that_of_its_base64_or_its_text() {
    for padded in ["whsec_c2FuZGJveCBzZWNyZXQsIGZvciBzaWduaW5nISE=", SECRET] {
        let unpadded = padded.trim_end_matches('=');
        assert_eq!(authenticate(&secrets(&[unpadded]), &signed(&key(padded), 0), BODY), Ok(0));
    }
    for secret in ["C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "correct horse, battery staple"] {
        let by_text = Webhook::from_bytes(secret.into()).expect("a key");
        assert_eq!(authenticate(&secrets(&[secret]), &signed(&by_text, 0), BODY), Ok(0));
    }
    let decoded = signed(&key("C2FVsBQIhrscChlQIMV+b5sSYspob7oD"), 0);
    let unprefixed = secrets(&["C2FVsBQIhrscChlQIMV+b5sSYspob7oD"]);
    assert_eq!(authenticate(&unprefixed, &decoded, BODY), Err(Denied::Mismatch));
    let no_base64 = Webhook::from_bytes(b"whsec_not base64".into()).expect("a key");
    let known = secrets(&["whsec_not base64"]);
    assert_eq!(authenticate(&known, &signed(&no_base64, 0), BODY), Err(Denied::Mismatch));
    let token = headers(&[("x-webhook-token", "whsec_not base64")]);
    assert_eq!(authenticate(&known, &token, BODY), Ok(0));
}

#[test]
fn a_request_is_hashed_once_for_each_secret_whoever_sent_it() {
    let known =
        secrets(&["whsec_c2FuZGJveCBzZWNyZXQsIGZvciBzaWduaW5nISE=", SECRET, "the s3cret of all"]);
    for signer in ["whsec_c2FuZGJveCBzZWNyZXQsIGZvciBzaWduaW5nISE=", SECRET, "whsec_Zm9yZWlnbg=="] {
        let request = request(&signed(&key(signer), 0), BODY);
        let proof = Proof::of(&request).unwrap_or_else(|_| panic!("it is complete"));
        let (work, proven) = hashed(|| proof.proven_by(&known, &[]));
        assert_eq!(work, (3, 3 * BODY.len()), "{signer}");
        let (work, _) = hashed(|| proof.proven_by(&known, &known));
        assert_eq!(work, (0, 0), "those that were tried are not tried again");
        let fresh = secrets(&[SECRET, "whsec_dGhlIG5ld2VzdCBzZWNyZXQgb2YgYWxs"]);
        let (work, _) = hashed(|| proof.proven_by(&fresh, &known));
        assert_eq!(work, (1, BODY.len()), "a new one is");
        assert_eq!(proven.is_some(), signer != "whsec_Zm9yZWlnbg==");
    }
}

#[test]
fn without_a_whole_proof_nothing_is_hashed() {
    let known = secrets(&[SECRET]);
    let (work, ()) = hashed(|| {
        for offset in [-310, 310] {
            let _ = authenticate(&known, &signed(&key(SECRET), offset), BODY);
        }
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            let mut headers = signed(&key(SECRET), 0);
            headers.remove(name);
            let _ = authenticate(&known, &headers, BODY);
        }
        let _ = authenticate(&known, &HeaderMap::new(), BODY);
    });
    assert_eq!(work, (0, 0));
}

#[test]
fn a_signature_holds_for_one_body_only() {
    let headers = signed(&key(SECRET), 0);
    let other = br#"{"eventType":"contact.opt_in"}"#;
    assert_eq!(authenticate(&secrets(&[SECRET]), &headers, other), Err(Denied::Mismatch));
}

#[test]
fn a_signature_from_another_time_is_refused() {
    for offset in [-310, 310] {
        let headers = signed(&key(SECRET), offset);
        assert_eq!(authenticate(&secrets(&[SECRET]), &headers, BODY), Err(Denied::OutOfTime));
    }
    for offset in [-240, 240] {
        let headers = signed(&key(SECRET), offset);
        assert_eq!(authenticate(&secrets(&[SECRET]), &headers, BODY), Ok(0));
    }
}

#[test]
fn absurd_timestamps_are_refused_and_do_no_harm() {
    for timestamp in [i64::MIN.to_string().as_str(), "-1", "soon", "9223372036854775808"] {
        let mut headers = signed(&key(SECRET), 0);
        headers.insert("webhook-timestamp", timestamp.parse().expect("a value"));
        assert_eq!(authenticate(&secrets(&[SECRET]), &headers, BODY), Err(Denied::Incomplete));
    }
    let mut headers = signed(&key(SECRET), 0);
    headers.insert("webhook-timestamp", i64::MAX.into());
    assert_eq!(authenticate(&secrets(&[SECRET]), &headers, BODY), Err(Denied::OutOfTime));
}

#[test]
fn half_a_signature_is_not_saved_by_a_good_token() {
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut headers = signed(&key(SECRET), 0);
        headers.remove(name);
        headers.insert("x-webhook-token", SECRET.parse().expect("a value"));
        assert_eq!(authenticate(&secrets(&[SECRET]), &headers, BODY), Err(Denied::Incomplete));
    }
}

#[test]
fn a_token_is_the_secret_as_it_is_written() {
    let known = secrets(&["other", "s3cret", SECRET]);
    for (pair, index) in [
        (("authorization", "Bearer s3cret"), 1),
        (("authorization", "bearer  s3cret"), 1),
        (("x-webhook-token", "s3cret"), 1),
        (("x-webhook-token", SECRET), 2),
    ] {
        assert_eq!(authenticate(&known, &headers(&[pair]), BODY), Ok(index), "{pair:?}");
    }
    for pair in [
        ("authorization", "Bearer s3cre"),
        ("authorization", "Bearer s3crets"),
        ("x-webhook-token", ""),
        ("x-webhook-token", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
    ] {
        assert_eq!(
            authenticate(&known, &headers(&[pair]), BODY),
            Err(Denied::Mismatch),
            "{pair:?}"
        );
    }
    for pair in [("authorization", "Basic s3cret"), ("authorization", "s3cret")] {
        assert_eq!(authenticate(&known, &headers(&[pair]), BODY), Err(Denied::Missing), "{pair:?}");
    }
}

#[test]
fn without_a_secret_no_sender_gets_in() {
    let empty_key = Webhook::from_bytes(Vec::new()).expect("an empty key");
    for known in [secrets(&[]), secrets(&["whsec_"])] {
        assert_eq!(authenticate(&known, &signed(&empty_key, 0), BODY), Err(Denied::Mismatch));
        let token = headers(&[("x-webhook-token", "")]);
        assert_eq!(authenticate(&known, &token, BODY), Err(Denied::Mismatch));
        assert_eq!(authenticate(&known, &HeaderMap::new(), BODY), Err(Denied::Missing));
    }
}

#[test]
fn bytes_that_are_no_text_can_be_signed_too() {
    let body = b"{\"note\":\"Gr\xfc\xdfe\"}";
    let mut headers = signed(&key(SECRET), 0);
    let time = headers["webhook-timestamp"].to_str().expect("a time").to_owned();
    let mut mac = Hmac::<Sha256>::new_from_slice(
        &BASE64_STANDARD.decode(&SECRET["whsec_".len()..]).expect("base64"),
    )
    .expect("a key");
    mac.update(&[b"msg_1.", time.as_bytes(), b".", body].concat());
    let signature = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
    headers.insert("webhook-signature", signature.parse().expect("a value"));
    assert_eq!(authenticate(&secrets(&[SECRET]), &headers, body), Ok(0));
}

proptest! {
    /// The crate of those who wrote Standard Webhooks signs and verifies.
    #[test]
    fn a_request_is_let_in_if_the_standards_own_verifier_lets_it_in(
        id in "[!-~]{1,20}", body in ".{0,40}", signers in prop::collection::vec(0_usize..3, 1..4),
        known in 0_usize..3, tampered in any::<bool>(),
    ) {
        let texts = ["whsec_c2FuZGJveCBzZWNyZXQsIGZvciBzaWduaW5nISE=", SECRET, "whsec_YSBuZXcgc2VjcmV0IG9mIDI0IGJ5dGVz"];
        let time = Utc::now().timestamp();
        let sign = |signer: &usize| key(texts[*signer]).sign(&id, time, body.as_bytes()).expect("signed");
        let signatures: Vec<_> = signers.iter().map(sign).collect();
        let headers = headers(&[
            ("webhook-id", &id),
            ("webhook-timestamp", &time.to_string()),
            ("webhook-signature", &signatures.join(" ")),
        ]);
        let body = if tampered { format!("{body} ") } else { body };
        let expected = key(texts[known]).verify(body.as_bytes(), &headers).is_ok();
        let ours = authenticate(&secrets(&[texts[known]]), &headers, body.as_bytes());
        prop_assert_eq!(ours.is_ok(), expected);
    }
}

/// By the structure of the code: a test by the clock would fail on a busy machine.
#[test]
fn no_secret_is_compared_but_in_constant_time() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths = ["functions", "shared", "operator/src"].map(|name| root.join(name)).to_vec();
    let mut uses = 0;
    while let Some(path) = paths.pop() {
        if path.ends_with("tests.rs") || path.ends_with("tests") {
            continue;
        }
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder");
            paths.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(&path).expect("a text");
            for line in text.lines().filter(|line| line.contains("expose_secret()")) {
                uses += 1;
                // How a secret is written, which everybody knows.
                let line = line.replace(r#".starts_with("whsec_")"#, "");
                let compares = ["==", "!=", "starts_with", "contains", "matches!", ".eq(", "cmp("];
                let is_compared = compares.iter().any(|word| line.contains(word));
                assert!(!is_compared, "{}: {line}", path.display());
            }
        }
    }
    assert!(uses > 5, "secrets are used: {uses}");
    let proof = include_str!("../proof.rs");
    assert_eq!(proof.matches(".ct_eq(").count(), 2, "tokens, and signatures");
    assert!(
        include_str!("../../../../../operator/src/console/guard.rs").contains("ConstantTimeEq")
    );
}

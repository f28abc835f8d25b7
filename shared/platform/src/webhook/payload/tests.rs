use super::*;
use lambda_http::{Body, http::HeaderName};

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let header = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), value.parse().expect("a value"))
    };
    pairs.iter().map(header).collect()
}

fn posted(content_type: &str, body: impl Into<Body>) -> Request {
    let mut request = Request::new(body.into());
    *request.headers_mut() = headers(&[("content-type", content_type)]);
    request
}

fn problem(request: &Request) -> Problem {
    Payload::of(request).json().expect_err("it is refused")
}

fn refused(request: &Request) -> (u16, &'static str) {
    let problem = problem(request);
    (problem.status().as_u16(), problem.code())
}

#[test]
fn json_is_known_by_its_content_type() {
    for content_type in
        ["application/json", "Application/JSON; charset=utf-8", "application/cloudevents+json"]
    {
        let request = posted(content_type, "{}");
        assert_eq!(
            Payload::of(&request).json().expect("JSON").as_written(),
            "{}",
            "{content_type}"
        );
    }
    for content_type in ["text/plain", "application/jsonp", "", "application/x-www-form-urlencoded"]
    {
        assert_eq!(refused(&posted(content_type, "{}")), (415, "not_json"), "{content_type}");
    }
    assert_eq!(refused(&Request::new("{}".into())), (415, "not_json"));
}

#[test]
fn what_is_not_json_is_a_400_that_does_not_repeat_it() {
    assert_eq!(refused(&posted("application/json", "")), (400, "malformed_json"));
    let problem = problem(&posted("application/json", "{\n \"a\": secret }"));
    assert!(!format!("{problem:?}").contains("secret"));
    assert!(format!("{problem:?}").contains("line 2, column 7"));
}

#[test]
fn a_compressed_body_is_refused_as_such_and_kept_as_it_was_sent() {
    // What `printf '{}' | gzip` writes begins so.
    let sent = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00";
    let encoded = |encoding: &str, body: &[u8]| {
        let mut request = posted("application/json", body);
        request.headers_mut().insert("content-encoding", encoding.parse().expect("a value"));
        request
    };
    let request = encoded("gzip", sent);
    assert_eq!(refused(&request), (415, "not_json"));
    assert!(format!("{:?}", problem(&request)).contains("without Content-Encoding"));
    assert_eq!(Payload::of(&request).bytes(), sent);
    assert_eq!(refused(&encoded("identity", sent)), (400, "malformed_json"));
    assert!(Payload::of(&encoded("gzip", b"{}")).json().is_ok(), "whatever the header says");
}

#[test]
fn a_body_that_is_not_utf8_is_read_and_kept_as_it_was_sent() {
    let sent = b"{\"note\":\"Gr\xfc\xdfe\",\"id\":1}";
    let request = posted("application/json", &sent[..]);
    let payload = Payload::of(&request);
    let document = payload.json().expect("JSON");
    let id = document.fields().expect("an object").get("id").and_then(|id| id.spelled());
    assert_eq!(id.as_deref(), Some("1"));
    assert_eq!(payload.bytes(), sent);
}

#[test]
fn the_id_of_a_delivery_is_bounded() {
    let id = |id: &str| {
        let mut request = posted("application/json", "{}");
        request.headers_mut().insert("webhook-id", id.parse().expect("a value"));
        delivery_id(&request)
    };
    assert_eq!(id("msg_1").as_deref(), Some("msg_1"));
    assert_eq!(id(""), None);
    assert_eq!(id(&"x".repeat(128)), Some("x".repeat(128)));
    let (long, longer) = (id(&"x".repeat(129)), id(&"x".repeat(5_000)));
    assert!(long.as_ref().is_some_and(|long| long.len() <= ID_BYTES_MAX));
    assert_ne!(long, longer);
    assert_eq!(delivery_id(&Request::default()), None);
}

//! The ARN of a secret.

use settings::Environment;

/// Characters that AWS adds to the name of a secret, behind a hyphen.
const SUFFIX_LENGTH: usize = 6;

/// Reads a setting that is the ARN of a secret. What it is set to is never shown: somebody may have
/// put the secret itself there.
pub(super) fn read(env: &mut Environment, name: &str) -> Option<String> {
    let arn: String = env.required(name)?;
    if let Some(problem) = problem(&arn) {
        env.report(name, problem);
        return None;
    }
    Some(arn)
}

fn problem(arn: &str) -> Option<&'static str> {
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    let ["arn", partition, "secretsmanager", region, account, "secret", secret] = parts[..] else {
        return Some(
            "must be the ARN of a Secrets Manager secret, \
             arn:aws:secretsmanager:<region>:<account>:secret:<name>-<6 characters>",
        );
    };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit())
    };
    if !is_word(partition) || !is_word(region) || !is_account {
        return Some("must be an ARN with a region and an account of twelve digits");
    }
    // Roles that name the ARN without them would not allow the secret.
    let is_whole = secret.rsplit_once('-').is_some_and(|(name, suffix)| {
        let is_suffix = suffix.bytes().all(|byte| byte.is_ascii_alphanumeric());
        !name.is_empty() && suffix.len() == SUFFIX_LENGTH && is_suffix
    });
    (!is_whole).then_some(
        "must be the whole ARN: at its end a hyphen and the 6 characters that AWS adds to the name",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: &str =
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:cxone-outbound/cxone-a1B2c3";

    fn problems(arn: &str) -> String {
        let read = Environment::from_pairs([("CXONE_SECRET_ARN", arn)])
            .read(|env| read(env, "CXONE_SECRET_ARN"));
        read.map_or_else(|problems| problems.to_string(), |_| String::new())
    }

    #[test]
    fn the_arn_of_a_secret_is_accepted_in_every_partition() {
        for arn in [RIGHT, &RIGHT.replace(":aws:", ":aws-us-gov:"), &RIGHT.replace("/cxone", "")] {
            assert_eq!(problems(arn), "", "{arn}");
        }
    }

    #[test]
    fn anything_else_is_refused_by_name_and_not_shown() {
        let whole = "must be the whole ARN";
        for (arn, expected) in [
            (r#"{"clientSecret":"visible"}"#, "must be the ARN of a Secrets Manager secret"),
            ("cxone-outbound/cxone", "must be the ARN of a Secrets Manager secret"),
            (&RIGHT.replace("secretsmanager", "ssm"), "must be the ARN of a Secrets Manager"),
            (&RIGHT.replace(":secret:", ":key:"), "must be the ARN of a Secrets Manager secret"),
            (&RIGHT.replace("123456789012", "1234"), "an account of twelve digits"),
            (&RIGHT.replace("eu-west-1", ""), "with a region"),
            (&RIGHT.replace("-a1B2c3", ""), whole),
            (&RIGHT.replace("a1B2c3", "a1B2c"), whole),
            (&RIGHT.replace("a1B2c3", "a1B2c?"), whole),
            (&RIGHT.replace("cxone-outbound/cxone", ""), whole),
        ] {
            let problems = problems(arn);
            assert!(problems.contains("CXONE_SECRET_ARN must be"), "{arn}: {problems}");
            assert!(problems.contains(expected), "{arn}: {problems}");
            assert!(!problems.contains("isible") && !problems.contains("a1B2"), "{problems}");
        }
    }
}

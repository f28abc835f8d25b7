//! How a function starts that is set up wrongly: it says all of what is wrong, and ends.

use std::process::Command;

/// What a function says on its standard error when it is started with these settings and no others.
///
/// # Panics
///
/// When it does not end with exit code 1.
pub fn complaint(executable: &str, settings: &[(&str, &str)]) -> String {
    let output = Command::new(executable)
        .env_clear()
        .envs(settings.iter().copied())
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8_lossy(&output.stderr).trim_end().to_owned()
}

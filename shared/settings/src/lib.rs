#![doc = include_str!("../README.md")]

mod credentials;

/// Declares a struct of settings, each with the expression that reads it, and implements [`Settings`].
/// All are read before any is unwrapped, so that one error names everything that is wrong.
#[macro_export]
macro_rules! settings {
    ($env:ident; $(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$fmeta:meta])* $fvis:vis $field:ident: $type:ty = $read:expr,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug)]
        $vis struct $name { $($(#[$fmeta])* $fvis $field: $type,)* }

        impl $crate::Settings for $name {
            fn read($env: &mut $crate::Environment) -> Option<Self> {
                $(let $field: Option<$type> = $read;)*
                Some(Self { $($field: $field?,)* })
            }
        }
    };
}

use std::{collections::HashMap, fmt, str::FromStr};

use secrecy::SecretString;

pub use credentials::{
    ACCESS_KEY, CLIENT, CredentialParts, CredentialSource, Credentials, Found, KeyPair,
};

/// Settings that are read from the environment.
pub trait Settings: Sized {
    /// Reads the settings and reports every problem. `None` when there is any.
    fn read(env: &mut Environment) -> Option<Self>;
}

/// The variables a process was started with, and what was found wrong with them so far.
pub struct Environment {
    variables: HashMap<String, String>,
    problems: Vec<Problem>,
}

impl Environment {
    /// The variables of this process. One that is not Unicode counts as not set.
    pub fn from_process() -> Self {
        Self::from_pairs(
            std::env::vars_os()
                .filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok())),
        )
    }

    /// The given variables and no others.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let variables = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .filter(|(_, value)| !value.trim().is_empty())
            .collect();
        Self { variables, problems: Vec::new() }
    }

    /// Runs `reader` and returns what it built, or everything it found wrong.
    pub fn read<T>(mut self, reader: impl FnOnce(&mut Self) -> Option<T>) -> Result<T, Problems> {
        match reader(&mut self) {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(Problems(self.problems)),
        }
    }

    /// A variable that must be set.
    pub fn required<T>(&mut self, name: &str) -> Option<T>
    where
        T: FromStr<Err: fmt::Display>,
    {
        if !self.is_set(name) {
            self.report(name, "is not set");
        }
        self.parse(name)
    }

    /// A variable that falls back to `default` when it is not set. `None` when it is malformed.
    pub fn optional<T>(&mut self, name: &str, default: T) -> Option<T>
    where
        T: FromStr<Err: fmt::Display>,
    {
        if self.is_set(name) { self.parse(name) } else { Some(default) }
    }

    /// A variable that must be set and must never be shown.
    pub fn required_secret(&mut self, name: &str) -> Option<SecretString> {
        self.required::<String>(name).map(SecretString::from)
    }

    /// Returns whether the variable is set and not blank. Blank counts as not set.
    pub fn is_set(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// Every set variable whose name starts with `prefix`, as (rest of the name, value).
    pub fn with_prefix(&self, prefix: &str) -> Vec<(String, String)> {
        self.variables
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(prefix)?.into(), value.clone())))
            .collect()
    }

    /// Writes down a problem that a reader found itself.
    pub fn report(&mut self, name: &str, what: impl Into<String>) {
        let problem = Problem { name: name.into(), what: what.into() };
        // Two parts of a function may read the same variable.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn parse<T>(&mut self, name: &str) -> Option<T>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let value = self.variables.get(name)?.clone();
        value.parse().map_err(|error| self.report(name, format!("is `{value}`: {error}"))).ok()
    }
}

/// Everything that is wrong with the settings of a process.
#[derive(thiserror::Error)]
pub struct Problems(Vec<Problem>);

#[derive(PartialEq)]
struct Problem {
    name: String,
    what: String,
}

/// A `main` that returns an error shows it in this form: it must be fit to read.
impl fmt::Debug for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => write!(f, "1 setting is missing or malformed:")?,
            n => write!(f, "{n} settings are missing or malformed:")?,
        }
        self.0.iter().try_for_each(|Problem { name, what }| write!(f, "\n  {name} {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_variable_counts_as_not_set() {
        let env = Environment::from_pairs([("TABLE", "  ")]);
        let problems = env.read(|env| env.required::<String>("TABLE")).expect_err("it is blank");
        assert_eq!(problems.to_string(), "1 setting is missing or malformed:\n  TABLE is not set");
    }

    #[test]
    fn a_problem_fails_the_read_even_when_a_value_was_built() {
        let env = Environment::from_pairs([("PORT", "80")]);
        let read = env.read(|env| {
            env.report("PORT", "is reserved");
            env.required::<u16>("PORT")
        });
        assert!(read.is_err());
    }

    #[test]
    fn a_default_stands_in_for_a_missing_variable_but_not_for_a_malformed_one() {
        let read = |pairs: &[(&str, &str)]| {
            Environment::from_pairs(pairs.iter().copied()).read(|env| env.optional("PORT", 80_u16))
        };
        assert_eq!(read(&[]).expect("it has a default"), 80);
        assert_eq!(read(&[("PORT", "81")]).expect("it is a number"), 81);
        assert!(read(&[("PORT", "eighty")]).is_err());
    }

    #[test]
    fn variables_are_found_by_prefix() {
        let env = Environment::from_pairs([("PATH_TOKEN", "/t"), ("OTHER", "x")]);
        assert_eq!(env.with_prefix("PATH_"), [("TOKEN".to_owned(), "/t".to_owned())]);
    }
}

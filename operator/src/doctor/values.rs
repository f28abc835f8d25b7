//! Settings of a deployment, by the names of the functions' variables.

use std::{collections::BTreeMap, env};

use settings::Environment;

use crate::{stack::Description, tenant::variable};

/// Values that are not blank, by the name of their variable.
pub(super) struct Values(BTreeMap<String, String>);

impl Values {
    /// The parameters of a stack. Paths are no parameters, so those of this process count.
    pub(super) fn of(description: &Description) -> Self {
        let parameters = description.parameters();
        let parameters = parameters.map(|(name, value)| (variable(name), value.to_owned()));
        let own = Self::of_process().0.into_iter();
        Self::new(parameters.chain(own.filter(|(name, _)| name.starts_with("CXONE_PATH_"))))
    }

    /// The variables of this process.
    pub(super) fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            name.into_string().ok().zip(value.into_string().ok())
        };
        Self::new(env::vars_os().filter_map(text))
    }

    pub(super) fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A value, or its default where it is not set or cannot be read.
    pub(super) fn parsed<T: std::str::FromStr>(&self, name: &str, default: T) -> T {
        self.get(name).and_then(|value| value.parse().ok()).unwrap_or(default)
    }

    pub(super) fn environment(&self) -> Environment {
        Environment::from_pairs(self.0.clone())
    }
}

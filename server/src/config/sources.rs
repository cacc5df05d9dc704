//! Raw configuration values by source, in precedence order.

use std::ffi::OsString;
use std::path::PathBuf;

use super::error::{ConfigError, ConfigSource};
use super::flags::Flags;
use super::key::Key;
use super::raw_value::{RawValue, RawValues};
use super::{file, variables};

/// The values of flags, environment and file, in this order.
pub(super) struct Sources([RawValues; 3]);

impl Sources {
    /// Reads the flags, the environment, and the file that one of them names.
    pub(super) fn collect(
        flags: Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        errors: &mut Vec<ConfigError>,
    ) -> Self {
        let flags = flags.values(errors);
        let variables = variables::read(&flags, environment, errors);
        let name =
            [&flags, &variables].into_iter().find_map(|values| values.get(&Key::Config)?.first());
        let file = name.map(|name| file::read(&name.source, &PathBuf::from(&name.text), errors));
        Self([flags, variables, file.unwrap_or_default()])
    }

    /// The source of the effective value; none if the default applies.
    pub(super) fn origin_of(&self, key: Key) -> Option<&ConfigSource> {
        self.0.iter().find_map(|values| values.get(&key)?.first()).map(|value| &value.source)
    }

    /// The effective value of a key. Overridden values are parsed too, to report their errors.
    pub(super) fn one<T>(
        &self,
        key: Key,
        parse: impl Fn(&ConfigSource, &str) -> Result<T, ConfigError>,
        errors: &mut Vec<ConfigError>,
    ) -> Option<T> {
        self.lists(key, parse, errors).into_iter().flatten().next()
    }

    /// All values of the first source that sets the key.
    pub(super) fn many<T>(
        &self,
        key: Key,
        parse: impl Fn(&ConfigSource, &str) -> Result<T, ConfigError>,
        errors: &mut Vec<ConfigError>,
    ) -> Vec<T> {
        self.lists(key, parse, errors).into_iter().next().unwrap_or_default()
    }

    fn lists<T>(
        &self,
        key: Key,
        parse: impl Fn(&ConfigSource, &str) -> Result<T, ConfigError>,
        errors: &mut Vec<ConfigError>,
    ) -> Vec<Vec<T>> {
        let mut lists = Vec::new();
        for values in self.0.iter().filter_map(|values| values.get(&key)) {
            let mut list = Vec::new();
            for RawValue { source, text } in values {
                match parse(source, text) {
                    Ok(value) => list.push(value),
                    Err(error) => errors.push(error),
                }
            }
            lists.push(list);
        }
        lists
    }
}

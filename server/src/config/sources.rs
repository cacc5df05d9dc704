//! Raw configuration values by source, in precedence order.

use std::path::PathBuf;

use super::error::{ConfigError, ConfigSource};
use super::file;
use super::key::Key;
use super::raw_value::{RawValue, RawValues};

/// The values of flags, environment and file, in this order.
pub(super) struct Sources([RawValues; 3]);

impl Sources {
    /// Reads the flags, the environment, and the file that one of them names.
    pub(super) fn collect(
        arguments: impl IntoIterator<Item = String>,
        environment: impl Fn(&str) -> Option<String>,
        errors: &mut Vec<ConfigError>,
    ) -> Self {
        let flags = flags(arguments, errors);
        let variables = variables(&flags, environment);
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

fn flags(arguments: impl IntoIterator<Item = String>, errors: &mut Vec<ConfigError>) -> RawValues {
    let mut flags = RawValues::new();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (&*argument, None),
        };
        let Some(key) = Key::from_flag(name) else {
            // Only the name: the value after the equals sign may be a secret.
            errors.push(ConfigError::UnknownOption(name.to_owned()));
            continue;
        };
        let Some(text) = value.or_else(|| arguments.next()) else {
            errors.push(ConfigError::ValueMissing(key.flag()));
            continue;
        };
        let values = flags.entry(key).or_default();
        if !values.is_empty() && !key.is_list() {
            errors.push(ConfigError::Repeated(key.flag()));
        }
        values.push(RawValue { source: ConfigSource::Flag(key.flag()), text });
    }
    flags
}

/// The values of the environment. Of two variables for one key the first counts. The second, which
/// other programs share, is not even parsed if a flag sets the key.
fn variables(flags: &RawValues, environment: impl Fn(&str) -> Option<String>) -> RawValues {
    let mut variables = RawValues::new();
    for key in Key::ALL {
        let (own, shared) = key.variables().split_at(1);
        let shared = if flags.contains_key(&key) { &[] } else { shared };
        let mut names = own.iter().chain(shared);
        let found = names.find_map(|name| {
            environment(name).filter(|value| !value.is_empty()).map(|value| (*name, value))
        });
        let Some((name, value)) = found else { continue };
        let texts = match key.is_list() {
            true => value.split(',').map(str::trim).filter(|part| !part.is_empty()).collect(),
            false => vec![&*value],
        };
        let value =
            |text: &str| RawValue { source: ConfigSource::Variable(name), text: text.to_owned() };
        variables.insert(key, texts.into_iter().map(value).collect());
    }
    variables
}

//! Everything that was said, by whom, in the order in which it counts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::{ConfigError, Place};
use super::file;
use super::key::Key;

/// A value and where it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) place: Place,
    pub(super) text: String,
}

/// What one source says.
pub(super) type Said = BTreeMap<Key, Vec<Value>>;

/// What the sources say, the strongest first.
pub(super) struct Given([Said; 3]);

impl Given {
    pub(super) fn gather(
        arguments: impl IntoIterator<Item = String>,
        environment: impl Fn(&str) -> Option<String>,
        errors: &mut Vec<ConfigError>,
    ) -> Self {
        let flags = flags(arguments, errors);
        let variables = variables(&flags, environment);
        let name =
            [&flags, &variables].into_iter().find_map(|said| said.get(&Key::Config)?.first());
        let file = name.map(|name| file::read(&name.place, &PathBuf::from(&name.text), errors));
        Self([flags, variables, file.unwrap_or_default()])
    }

    /// Where the value that counts was given.
    pub(super) fn winner(&self, key: Key) -> Option<&Place> {
        self.0.iter().find_map(|said| said.get(&key)?.first()).map(|value| &value.place)
    }

    /// The value that counts. Those that do not are read as well, to say what is wrong with them.
    pub(super) fn one<T>(
        &self,
        key: Key,
        read: impl Fn(&Place, &str) -> Result<T, ConfigError>,
        errors: &mut Vec<ConfigError>,
    ) -> Option<T> {
        self.lists(key, read, errors).into_iter().flatten().next()
    }

    /// All values of the strongest source that has any.
    pub(super) fn many<T>(
        &self,
        key: Key,
        read: impl Fn(&Place, &str) -> Result<T, ConfigError>,
        errors: &mut Vec<ConfigError>,
    ) -> Vec<T> {
        self.lists(key, read, errors).into_iter().next().unwrap_or_default()
    }

    fn lists<T>(
        &self,
        key: Key,
        read: impl Fn(&Place, &str) -> Result<T, ConfigError>,
        errors: &mut Vec<ConfigError>,
    ) -> Vec<Vec<T>> {
        let mut lists = Vec::new();
        for values in self.0.iter().filter_map(|said| said.get(&key)) {
            let mut list = Vec::new();
            for Value { place, text } in values {
                match read(place, text) {
                    Ok(value) => list.push(value),
                    Err(error) => errors.push(error),
                }
            }
            lists.push(list);
        }
        lists
    }
}

fn flags(arguments: impl IntoIterator<Item = String>, errors: &mut Vec<ConfigError>) -> Said {
    let mut said = Said::new();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (&*argument, None),
        };
        let Some(key) = Key::of_flag(name) else {
            // What stands behind the sign may be a secret.
            errors.push(ConfigError::UnknownOption(name.to_owned()));
            continue;
        };
        let Some(text) = value.or_else(|| arguments.next()) else {
            errors.push(ConfigError::ValueMissing(key.flag()));
            continue;
        };
        let earlier = said.entry(key).or_default();
        if !earlier.is_empty() && !key.is_list() {
            errors.push(ConfigError::Repeated(key.flag()));
        }
        earlier.push(Value { place: Place::Flag(key.flag()), text });
    }
    said
}

/// What the environment says. Of two variables for one key the second is not even looked at where
/// somebody has said it more clearly: it belongs to others as well.
fn variables(flags: &Said, environment: impl Fn(&str) -> Option<String>) -> Said {
    let mut said = Said::new();
    for key in Key::ALL {
        let (own, shared) = key.variables().split_at(1);
        let shared = if flags.contains_key(&key) { &[] } else { shared };
        let mut names = own.iter().chain(shared);
        let found = names.find_map(|name| {
            environment(name).filter(|value| !value.is_empty()).map(|value| (*name, value))
        });
        let Some((name, value)) = found else { continue };
        let values = match key.is_list() {
            true => value.split(',').map(str::trim).filter(|part| !part.is_empty()).collect(),
            false => vec![&*value],
        };
        let value = |text: &str| Value { place: Place::Variable(name), text: text.to_owned() };
        said.insert(key, values.into_iter().map(value).collect());
    }
    said
}

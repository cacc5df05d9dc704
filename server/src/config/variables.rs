//! The environment.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use super::error::{ConfigError, ConfigSource};
use super::key::Key;
use super::raw_value::{RawValue, RawValues};

const PREFIX: &str = "WIZITIME_";
/// The variables that Kubernetes and Docker set in a container for a service named `wizitime`.
const OF_SERVICE: [&str; 2] = ["WIZITIME_SERVICE_", "WIZITIME_PORT_"];
/// The variable without a port number; its value is a URL, unlike that of a misspelt variable.
const SERVICE_PORT: &str = "WIZITIME_PORT";

/// The values of the environment. Of two variables for one key the first counts. The second, which
/// other programs share, is not even parsed if a flag sets the key. An empty variable counts as not
/// set.
pub(super) fn read(
    flags: &RawValues,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    errors: &mut Vec<ConfigError>,
) -> RawValues {
    let mut environment = known(environment, errors);
    let mut variables = RawValues::new();
    for key in Key::ALL {
        let (own, shared) = key.variables().split_at(1);
        let shared = if flags.contains_key(&key) { &[] } else { shared };
        let mut names = own.iter().chain(shared);
        let found = names.find_map(|name| Some((*name, environment.remove(name)?)));
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

/// The variables of all keys that are set. A variable with our prefix that is none is an error: it
/// is probably misspelt, and ignoring it could be unsafe.
fn known(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    errors: &mut Vec<ConfigError>,
) -> BTreeMap<&'static str, String> {
    let mut found = BTreeMap::new();
    for (name, value) in environment {
        let name = name.to_string_lossy();
        if value.is_empty() {
            continue;
        }
        match names().find(|known| *known == name) {
            Some(known) => match value.into_string() {
                Ok(value) => {
                    found.insert(known, value);
                }
                Err(_) => errors.push(ConfigError::NotUtf8(known)),
            },
            None if name.starts_with(PREFIX) && !is_of_service(&name, &value) => {
                errors.push(ConfigError::UnknownVariable(name.into_owned()));
            }
            None => (),
        }
    }
    found
}

/// The variables of all keys.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    Key::ALL.into_iter().flat_map(|key| key.variables().iter().copied())
}

fn is_of_service(name: &str, value: &OsStr) -> bool {
    OF_SERVICE.iter().any(|prefix| name.starts_with(prefix))
        || (name == SERVICE_PORT && value.to_string_lossy().contains("://"))
}

//! Reads the configuration file: TOML with one key per line.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, ConfigSource};
use super::key::Key;
use super::raw_value::{RawValue, RawValues};
use crate::access;

const STRING: &str = "a string";
const STRING_OR_LIST: &str = "a string or a list of strings";

/// The values of the file that `named_by` names.
pub(super) fn read(
    named_by: &ConfigSource,
    file: &Path,
    errors: &mut Vec<ConfigError>,
) -> RawValues {
    match std::fs::read_to_string(file) {
        Ok(text) => parse(file, &text, errors),
        Err(error) => {
            errors.push(ConfigError::Unreadable {
                named_by: named_by.clone(),
                file: file.to_owned(),
                reason: format!("{error}{}", access::for_reading(file, &error)),
            });
            RawValues::new()
        }
    }
}

fn parse(file: &Path, text: &str, errors: &mut Vec<ConfigError>) -> RawValues {
    let line = |offset: usize| {
        text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
    };
    let (table, syntax_errors) = DeTable::parse_recoverable(text);
    let line_of = |error: &toml::de::Error| line(error.span().map_or(0, |span| span.start));
    // Only the message: the parser's full report quotes the line, which may hold a password.
    errors.extend(syntax_errors.iter().map(|error| ConfigError::Syntax {
        file: file.to_owned(),
        line: line_of(error),
        reason: error.message().to_owned(),
    }));
    let invalid_lines: Vec<_> = syntax_errors.iter().map(line_of).collect();
    let mut values = RawValues::new();
    for (name, value) in table.into_inner() {
        let number = line(name.span().start);
        // The parser's recovery may invent a value for an invalid line.
        if invalid_lines.contains(&number) {
            continue;
        }
        let key = name.get_ref().to_string();
        let source = ConfigSource::Line { file: file.to_owned(), line: number, key: key.clone() };
        match Key::from_name(&key) {
            None => errors.push(ConfigError::UnknownKey(source)),
            Some(key) => {
                values.insert(key, strings(key, &source, value.get_ref(), errors));
            }
        }
    }
    values
}

fn strings(
    key: Key,
    source: &ConfigSource,
    value: &DeValue<'_>,
    errors: &mut Vec<ConfigError>,
) -> Vec<RawValue> {
    let expected = if key.is_list() { STRING_OR_LIST } else { STRING };
    let mut string = |value: &DeValue<'_>| match value.as_str() {
        Some(text) => Some(RawValue { source: source.clone(), text: text.to_owned() }),
        None => {
            let found = value.type_str();
            errors.push(ConfigError::WrongType { source: source.clone(), found, expected });
            None
        }
    };
    match value.as_array() {
        Some(list) if key.is_list() => {
            list.iter().filter_map(|value| string(value.get_ref())).collect()
        }
        _ => string(value).into_iter().collect(),
    }
}

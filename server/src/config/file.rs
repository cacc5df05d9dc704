//! The configuration file: TOML, one key in each line.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Place};
use super::given::{Said, Value};
use super::key::Key;

const A_TEXT: &str = "a text";
const TEXTS: &str = "a text or a list of texts";

/// What the file says that was named there.
pub(super) fn read(by: &Place, file: &Path, errors: &mut Vec<ConfigError>) -> Said {
    match std::fs::read_to_string(file) {
        Ok(text) => parse(file, &text, errors),
        Err(error) => {
            errors.push(ConfigError::Unreadable {
                by: by.clone(),
                file: file.to_owned(),
                reason: error.to_string(),
            });
            Said::new()
        }
    }
}

fn parse(file: &Path, text: &str, errors: &mut Vec<ConfigError>) -> Said {
    let line = |offset: usize| {
        text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
    };
    let (table, wrong) = DeTable::parse_recoverable(text);
    let line_of = |error: &toml::de::Error| line(error.span().map_or(0, |span| span.start));
    // The parser would show the line, and with it perhaps a password.
    errors.extend(wrong.iter().map(|error| ConfigError::Syntax {
        file: file.to_owned(),
        line: line_of(error),
        reason: error.message().to_owned(),
    }));
    let lines_with_errors: Vec<_> = wrong.iter().map(line_of).collect();
    let mut said = Said::new();
    for (name, value) in table.into_inner() {
        let number = line(name.span().start);
        // What was made of a line that makes no sense is nobody's word.
        if lines_with_errors.contains(&number) {
            continue;
        }
        let key = name.get_ref().to_string();
        let place = Place::Line { file: file.to_owned(), line: number, key: key.clone() };
        match Key::of_file(&key) {
            None => errors.push(ConfigError::UnknownKey(place)),
            Some(key) => {
                said.insert(key, values(key, &place, value.get_ref(), errors));
            }
        }
    }
    said
}

fn values(
    key: Key,
    place: &Place,
    value: &DeValue<'_>,
    errors: &mut Vec<ConfigError>,
) -> Vec<Value> {
    let expected = if key.is_list() { TEXTS } else { A_TEXT };
    let mut text = |value: &DeValue<'_>| match value.as_str() {
        Some(text) => Some(Value { place: place.clone(), text: text.to_owned() }),
        None => {
            let found = value.type_str();
            errors.push(ConfigError::NoText { place: place.clone(), found, expected });
            None
        }
    };
    match value.as_array() {
        Some(list) if key.is_list() => {
            list.iter().filter_map(|value| text(value.get_ref())).collect()
        }
        _ => text(value).into_iter().collect(),
    }
}

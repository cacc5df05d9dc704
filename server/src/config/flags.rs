//! The options of the command line.

use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches, value_parser};

use super::error::{ConfigError, ConfigSource};
use super::key::Key;
use super::raw_value::{RawValue, RawValues};

/// The values of the options, in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags(Vec<(Key, Vec<String>)>);

impl Flags {
    /// Adds the options that were given after a command.
    pub(crate) fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    pub(super) fn values(self, errors: &mut Vec<ConfigError>) -> RawValues {
        let mut flags = RawValues::new();
        for (key, texts) in self.0 {
            let source = ConfigSource::Flag(key.flag());
            let values = texts.into_iter().map(|text| RawValue { source: source.clone(), text });
            flags.entry(key).or_default().extend(values);
        }
        let repeated = flags.iter().filter(|(key, values)| values.len() > 1 && !key.is_list());
        errors.extend(repeated.map(|(key, _)| ConfigError::Repeated(key.flag())));
        flags
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let texts = |key: Key| Some((key, matches.get_many(key.name())?.cloned().collect()));
        Ok(Self(Key::ALL.into_iter().filter_map(texts).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Flags {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(Key::ALL.map(arg))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

/// The option of a key. Its text is parsed with those of the other sources, so that all errors are
/// reported together.
fn arg(key: Key) -> Arg {
    let (value_name, help) = key.help();
    let variables = key.variables().join(", ");
    Arg::new(key.name())
        .long(key.flag().trim_start_matches('-'))
        .value_name(value_name)
        .help(format!("{help}\n[{variables}]"))
        .action(ArgAction::Append)
        .value_parser(value_parser!(String))
}

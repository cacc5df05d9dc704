//! Tests of command-line parsing.

use super::*;

fn read(line: &str) -> Result<(Command, Config), Vec<String>> {
    let read = Command::read(line.split_whitespace().map(str::to_owned), |_| None);
    read.map_err(|errors| errors.iter().map(ConfigError::to_string).collect())
}

fn path(text: &str) -> PathBuf {
    PathBuf::from(text)
}

#[test]
fn default_command_is_serve() {
    let (command, config) = read("--database a.db").unwrap();
    assert_eq!(command, Command::Serve);
    assert_eq!(config.database, Database::File(path("a.db")));
}

#[test]
fn commands_take_an_argument_and_options() {
    let (command, config) = read("backup today.backup --database a.db").unwrap();
    assert_eq!(command, Command::Backup(path("today.backup")));
    assert_eq!(config.database, Database::File(path("a.db")));
    let (command, _) = read("restore today.backup").unwrap();
    assert_eq!(command, Command::Restore { from: path("today.backup"), overwrite: false });
    let (command, _) = read("restore today.backup --database a.db --overwrite").unwrap();
    assert_eq!(command, Command::Restore { from: path("today.backup"), overwrite: true });
    let (command, config) = read("compact --database a.db").unwrap();
    assert_eq!(command, Command::Compact);
    assert_eq!(config.database, Database::File(path("a.db")));
    let (command, _) = read("migrate-to postgres://ada@localhost/wizitime").unwrap();
    assert!(matches!(command, Command::MigrateTo(_)));
}

#[test]
fn missing_and_unknown_arguments_are_reported() {
    for (line, part) in [
        ("backup", "backup needs a value"),
        ("restore --overwrite", "restore needs a value"),
        ("migrate-to other.db", "postgres://"),
        ("migrate-to mysql://ada:geheim@host/db", "postgres://"),
        ("--overwrite", "no option --overwrite"),
        ("backup a --overwrite", "no option --overwrite"),
        ("compact a.db", "no option a.db"),
        ("destroy", "no option destroy"),
        ("backup a --prot 1", "no option --prot"),
    ] {
        let message = read(line).unwrap_err().join("; ");
        assert!(message.contains(part) && !message.contains("geheim"), "{line}: {message}");
    }
}

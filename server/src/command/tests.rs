//! Tests of command-line parsing.

use super::*;
use crate::auth::Email;

fn read(line: &str) -> Result<(Command, Config), Vec<String>> {
    match Invocation::read(line.split_whitespace().map(OsString::from), []) {
        Ok(Invocation::Run { command, config }) => Ok((command, *config)),
        Ok(Invocation::Print(text)) => panic!("{text}"),
        Err(errors) => Err(errors.iter().map(ConfigError::to_string).collect()),
    }
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
        ("--databse=geheim", "no option --databse; did you mean --database?"),
        ("backup a --over-write", "did you mean --overwrite?"),
        ("back-up a", "no option back-up; did you mean backup?"),
        ("restore a --overwrite=geheim", "--overwrite: "),
        ("restore a --overwrite --overwrite", "--overwrite: "),
    ] {
        let message = read(line).unwrap_err().join("; ");
        assert!(message.contains(part) && !message.contains("geheim"), "{line}: {message}");
    }
}

#[test]
fn options_may_precede_the_command() {
    let (command, config) = read("--database a.db backup b --log warn").unwrap();
    assert_eq!(command, Command::Backup(path("b")));
    assert_eq!(config.database, Database::File(path("a.db")));
    assert_eq!(config.log, tracing::Level::WARN);
    let errors = read("--log info compact --log warn").unwrap_err();
    assert_eq!(errors, ["--log can be given only once"]);
}

#[test]
fn every_error_of_a_command_line_is_reported() {
    let errors =
        read("--prot 1 backup --log loud --app --listem=geheim --listen here").unwrap_err();
    let parts = [
        "no option --prot",
        "no option 1",
        "backup needs a value",
        "--log cannot be",
        "--app needs a value",
        "no option --listem; did you mean --listen?",
        "--listen cannot be",
    ];
    for part in parts {
        assert!(errors.iter().any(|error| error.contains(part)), "{part}: {errors:#?}");
    }
    assert_eq!(errors.len(), parts.len(), "{errors:#?}");
}

#[test]
fn help_and_version_are_printed_without_a_configuration() {
    for (argument, text) in
        [("--version", env!("CARGO_PKG_VERSION")), ("-V", "wizitime-server "), ("--help", "Usage:")]
    {
        let environment = [("WIZITIME_LOG".into(), "loud".into())];
        match Invocation::read([argument.into()], environment) {
            Ok(Invocation::Print(printed)) => assert!(printed.contains(text), "{printed}"),
            other => panic!("{argument}: {other:?}"),
        }
    }
    match Invocation::read(["backup".into(), "--help".into()], []) {
        Ok(Invocation::Print(printed)) => assert!(printed.contains("<FILE>"), "{printed}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn user_commands_take_an_email_and_options() {
    let email = Email::parse("me@nas").unwrap();
    for (line, expected) in [
        ("add ME@nas", UserCommand::Add { email: email.clone(), has_password: false }),
        (
            "add me@nas --password-stdin",
            UserCommand::Add { email: email.clone(), has_password: true },
        ),
        ("list", UserCommand::List),
        ("invite me@nas", UserCommand::Invite { email: email.clone(), by_mail: false }),
        ("invite me@nas --mail", UserCommand::Invite { email: email.clone(), by_mail: true }),
        (
            "reset-password me@nas",
            UserCommand::ResetPassword { email: email.clone(), by_mail: false },
        ),
        (
            "reset-password --mail me@nas",
            UserCommand::ResetPassword { email: email.clone(), by_mail: true },
        ),
        ("disable-two-step me@nas", UserCommand::DisableTwoStep(email.clone())),
        ("disable me@nas", UserCommand::Disable(email.clone())),
        ("enable me@nas", UserCommand::Enable(email.clone())),
        ("delete me@nas", UserCommand::Delete(email)),
    ] {
        let lines =
            ["user {} --database a.db", "--database a.db user {}", "user --database a.db {}"];
        for line in lines.map(|it| it.replace("{}", line)) {
            let (command, config) = read(&line).unwrap();
            assert_eq!(command, Command::User(expected.clone()), "{line}");
            assert_eq!(config.database, Database::File(path("a.db")), "{line}");
        }
    }
}

#[test]
fn missing_and_unknown_arguments_of_user_commands_are_reported() {
    for (line, expected) in [
        ("user", "user needs a value; see --help"),
        ("user --database a.db", "user needs a value; see --help"),
        ("user add", "user add needs a value; see --help"),
        ("user disable --database a.db", "user disable needs a value; see --help"),
        ("user invite ada", "\"ada\" is not an email address"),
        ("user list me@nas", "there is no option me@nas; see --help"),
        ("user invite me@nas --password-stdin", "there is no option --password-stdin; see --help"),
        (
            "user ad me@nas",
            "there is no option ad; did you mean add? See --help; there is no option me@nas; see \
             --help; user needs a value; see --help",
        ),
        (
            "user add me@nas --log loud",
            "--log cannot be \"loud\": expected error, warn, info or debug",
        ),
    ] {
        assert_eq!(read(line).unwrap_err().join("; "), expected, "{line}");
    }
    match Invocation::read(["user", "add", "--help"].map(OsString::from), []) {
        Ok(Invocation::Print(printed)) => {
            assert!(printed.contains("--password-stdin"), "{printed}")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn audit_takes_the_email_of_an_account() {
    let (command, _) = read("audit --log warn").unwrap();
    assert_eq!(command, Command::Audit(AuditCommand { email: None }));
    let (command, config) = read("audit --user ME@nas --database a.db").unwrap();
    assert_eq!(command, Command::Audit(AuditCommand { email: Email::parse("me@nas") }));
    assert_eq!(config.database, Database::File(path("a.db")));
    for (line, expected) in [
        ("audit --user", "--user needs a value; see --help"),
        ("audit --user me", "\"me\" is not an email address"),
        (
            "--user me@nas",
            "there is no option --user; see --help; there is no option me@nas; see --help",
        ),
        ("audit me@nas", "there is no option me@nas; see --help"),
    ] {
        assert_eq!(read(line).unwrap_err().join("; "), expected, "{line}");
    }
}

#[test]
fn mail_test_takes_an_address() {
    let (command, _) = read("mail-test ADA@example.org").unwrap();
    let to = Email::parse("ada@example.org").unwrap();
    assert_eq!(command, Command::MailTest(MailTest { to }));
    for (line, expected) in [
        ("mail-test", "mail-test needs a value; see --help"),
        ("mail-test ada", "\"ada\" is not an email address"),
        ("mail-tset ada@nas", "there is no option mail-tset; did you mean mail-test? See --help"),
    ] {
        assert!(read(line).unwrap_err().contains(&expected.to_owned()), "{line}");
    }
}

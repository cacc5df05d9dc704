//! What the command line and the environment add up to.

use super::*;

fn read(line: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<ConfigError>> {
    let lookup = |name: &str| {
        let found = environment.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Config::read(line.split_whitespace().map(str::to_owned), lookup)
}

fn file(path: &str) -> Database {
    Database::File(PathBuf::from(path))
}

#[test]
fn nothing_said_means_the_defaults() {
    let config = read("", &[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:4000");
    assert_eq!(config.database, file("wizitime.db"));
    assert_eq!(config.allow_origins, []);
    assert_eq!(config.trusted_proxies, []);
    assert_eq!(config.log, Level::INFO);
}

#[test]
fn proxies_are_believed_by_name() {
    let config = read("--trusted-proxies 127.0.0.1,::1 --trusted-proxies 10.0.0.0/8", &[]).unwrap();
    assert_eq!(config.trusted_proxies.len(), 3);
    let environment = [("WIZITIME_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")];
    assert_eq!(read("", &environment).unwrap().trusted_proxies.len(), 2);
    let errors = read("--trusted-proxies proxy", &[]).unwrap_err();
    assert!(errors[0].to_string().contains("an address, or a network"), "{errors:?}");
}

#[test]
fn the_command_line_wins_over_the_environment() {
    let environment = [
        ("WIZITIME_LISTEN", "127.0.0.1:1"),
        ("WIZITIME_DATABASE", "env.db"),
        ("WIZITIME_ALLOW_ORIGIN", "https://a.example, https://b.example"),
    ];
    let config = read("--listen 127.0.0.1:2 --database=cli.db --log debug", &environment).unwrap();
    assert_eq!(config.log, Level::DEBUG);
    assert_eq!(config.listen.port(), 2);
    assert_eq!(config.database, file("cli.db"));
    assert_eq!(config.allow_origins.len(), 2);
    let config = read("--allow-origin https://c.example", &environment).unwrap();
    assert_eq!(config.allow_origins, ["https://c.example".parse().unwrap()]);
}

#[test]
fn the_database_is_named_by_the_first_that_names_one() {
    let url = ("DATABASE_URL", "postgres://ada:geheim@localhost/wizitime");
    let named = ("WIZITIME_DATABASE", "env.db");
    assert_eq!(read("--database cli.db", &[named, url]).unwrap().database, file("cli.db"));
    assert_eq!(read("", &[url, named]).unwrap().database, file("env.db"));
    let config = read("", &[url, ("WIZITIME_DATABASE", "")]).unwrap();
    assert_eq!(config.database.to_string(), "postgres://ada@localhost:5432/wizitime");
    assert!(!format!("{config:?}").contains("geheim"));
}

#[test]
fn a_database_of_another_kind_is_not_taken_for_a_file() {
    let errors = read("", &[("DATABASE_URL", "mysql://ada:geheim@localhost/db")]).unwrap_err();
    let told: Vec<_> = errors.iter().map(ConfigError::to_string).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("postgres://") && !told[0].contains("geheim"), "{told:?}");
}

#[test]
fn an_app_that_was_asked_for_has_to_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    let missing = read(&format!("--app {path}"), &[]).unwrap_err();
    assert_eq!(missing, [ConfigError::NoApp(folder.path().to_owned())]);
    std::fs::write(folder.path().join("index.html"), "<!doctype html>").unwrap();
    let config = read(&format!("--app {path}"), &[]).unwrap();
    assert_eq!(config.app.as_deref(), Some(folder.path()));
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let line =
        "--listen here --allow-origin there --database a --database b --prot 1 --log x --app";
    let errors = read(line, &[]).unwrap_err();
    let messages: Vec<_> = errors.iter().map(ConfigError::to_string).collect();
    assert_eq!(messages.len(), 7, "{messages:#?}");
    for part in [
        "--listen cannot be \"here\"",
        "--allow-origin cannot be \"there\"",
        "--database can be given only once",
        "no option --prot",
        "no option 1",
        "--log cannot be \"x\"",
        "--app needs a value",
    ] {
        assert!(messages.iter().any(|message| message.contains(part)), "{part}: {messages:#?}");
    }
}

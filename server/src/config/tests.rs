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
    let config = read("--trusted-proxies ::1 --trusted-proxies 10.0.0.0/8", &[]).unwrap();
    assert_eq!(config.trusted_proxies.len(), 2);
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
    let place = Place::Flag("--app");
    assert_eq!(missing, [ConfigError::NoApp { place, folder: folder.path().to_owned() }]);
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

/// A file with this text, and how it is named on the command line.
fn written(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wizitime.toml");
    std::fs::write(&path, text).unwrap();
    let flag = format!("--config {}", path.display());
    (folder, flag)
}

/// What is wrong, without the folder of the file.
fn told(line: &str, environment: &[(&str, &str)], folder: &tempfile::TempDir) -> Vec<String> {
    let errors = read(line, environment).unwrap_err();
    let within = format!("{}/", folder.path().display());
    errors.iter().map(|error| error.to_string().replace(&within, "")).collect()
}

#[test]
fn a_file_says_the_same_as_flags_do() {
    let (_folder, flag) = written(
        "# ours\nlisten = '127.0.0.1:5'\nmetrics_listen = \"127.0.0.1:6\"\n\
         database = \"file.db\"\nallow_origin = [\"https://a.example\", \"https://b.example\"]\n\
         log = \"warn\"\nlog_format = \"json\"\n",
    );
    let from_file = read(&flag, &[]).unwrap();
    let line = "--listen 127.0.0.1:5 --metrics-listen 127.0.0.1:6 --database file.db --log warn \
                --allow-origin https://a.example --allow-origin https://b.example \
                --log-format json";
    assert_eq!(from_file, read(line, &[]).unwrap());
    let (_folder, flag) = written("allow_origin = 'https://a.example'");
    assert_eq!(read(&flag, &[]).unwrap().allow_origins, ["https://a.example".parse().unwrap()]);
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let (_folder, flag) = written("listen = '127.0.0.1:5'\ndatabase = 'file.db'\nlog = 'warn'");
    let path = flag.strip_prefix("--config ").unwrap();
    let environment =
        [("WIZITIME_CONFIG", path), ("WIZITIME_LISTEN", "127.0.0.1:6"), ("WIZITIME_LOG", "error")];
    let config = read("--log debug", &environment).unwrap();
    assert_eq!(config.log, Level::DEBUG);
    assert_eq!(config.listen.port(), 6);
    assert_eq!(config.database, file("file.db"));
    let (_other, other) = written("listen = '127.0.0.1:7'");
    assert_eq!(read(&other, &[("WIZITIME_CONFIG", path)]).unwrap().listen.port(), 7);
}

#[test]
fn all_that_is_wrong_anywhere_is_said_at_once_with_its_place() {
    let (folder, flag) = written(
        "listen = 4000\n\nlistem = '127.0.0.1:5'\nlog = 'loud'\n\
         database = 'mysql://ada:geheim@host/db'\nallow_origin = ['https://a.example', 1]\n\
         config = 'other.toml'\n",
    );
    let environment = [("WIZITIME_LOG_FORMAT", "xml"), ("WIZITIME_LISTEN", "nowhere")];
    let told = told(&format!("{flag} --log shout --prot=1"), &environment, &folder);
    let expected = [
        "there is no option --prot; see --help",
        "wizitime.toml:7: config: there is no such key; the keys are listen, metrics_listen, \
         database, app, allow_origin, trusted_proxies, log, log_format",
        "wizitime.toml:6: allow_origin is of the kind integer: expected a text or a list of texts, \
         in quotes",
        "wizitime.toml:3: listem: there is no such key; the keys are listen, metrics_listen, \
         database, app, allow_origin, trusted_proxies, log, log_format",
        "wizitime.toml:1: listen is of the kind integer: expected a text, in quotes",
        "WIZITIME_LISTEN cannot be \"nowhere\": expected an address and a port such as \
         127.0.0.1:4000",
        "wizitime.toml:5: database: expected a file or a URL that begins with postgres://; see \
         --help",
        "--log cannot be \"shout\": expected error, warn, info or debug",
        "wizitime.toml:4: log cannot be \"loud\": expected error, warn, info or debug",
        "WIZITIME_LOG_FORMAT cannot be \"xml\": expected text or json",
    ];
    for line in expected {
        assert!(told.iter().any(|told| told == line), "{line}\n{told:#?}");
    }
    assert_eq!(told.len(), expected.len(), "{told:#?}");
}

#[test]
fn what_is_no_toml_is_said_with_its_line_and_without_what_it_holds() {
    let (folder, flag) = written(
        "log = 'info'\ndatabase = postgres://ada:geheim@host/db\nlog = 'warn'\nlistem = 'x'\n",
    );
    let told = told(&flag, &[], &folder);
    for part in
        ["wizitime.toml:2: this is no TOML", "wizitime.toml:3: this is no TOML", ":4: listem"]
    {
        assert!(told.iter().any(|told| told.contains(part)), "{part}: {told:#?}");
    }
    assert!(told.iter().all(|told| !told.contains("geheim")), "{told:#?}");
}

#[test]
fn a_file_that_cannot_be_read_is_said_with_who_named_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.toml");
    let told = told("--log loud", &[("WIZITIME_CONFIG", path.to_str().unwrap())], &folder);
    assert!(told[0].starts_with("WIZITIME_CONFIG: none.toml cannot be read: "), "{told:#?}");
    assert_eq!(told.len(), 2, "{told:#?}");
}

#[test]
fn the_figures_need_an_address_of_their_own() {
    let errors = read("--listen 127.0.0.1:1 --metrics-listen 127.0.0.1:1", &[]).unwrap_err();
    assert_eq!(errors, [ConfigError::SameAddress]);
    read("--listen 127.0.0.1:0 --metrics-listen 127.0.0.1:0", &[]).unwrap();
}

#[test]
fn it_is_told_what_holds_and_who_said_so() {
    let (folder, flag) = written("log = 'warn'");
    let line = format!("{flag} --listen 127.0.0.1:1");
    let arguments = line.split_whitespace().map(str::to_owned);
    let database = "postgres://ada:geheim@localhost/wizitime";
    let environment = |name: &str| (name == "DATABASE_URL").then(|| database.to_owned());
    let (_, told) = Config::read_and_tell(arguments, environment).unwrap();
    let told = told.replace(&format!("{}/", folder.path().display()), "");
    for line in [
        "listen          127.0.0.1:1 (--listen)",
        "metrics_listen  none (by default)",
        "database        postgres://ada@localhost:5432/wizitime (DATABASE_URL)",
        "log             warn (wizitime.toml:1: log)",
        "log_format      text (by default)",
    ] {
        assert!(told.lines().any(|told| told == line), "{line}\n{told}");
    }
    assert!(!told.contains("geheim"));
}

#[test]
fn the_help_names_every_key() {
    for key in Key::ALL {
        assert!(USAGE.contains(key.flag()), "{key:?}");
        assert!(key.variables().iter().all(|variable| USAGE.contains(variable)), "{key:?}");
        assert_eq!(key.flag().trim_start_matches('-').replace('-', "_"), key.name());
    }
}

//! Tests of configuration sources and errors.

use super::*;
use crate::command::{Command, Invocation, help};

fn read(line: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<ConfigError>> {
    let arguments = line.split_whitespace().map(OsString::from);
    let environment = environment.iter().map(|(name, value)| (name.into(), value.into()));
    match Invocation::read(arguments, environment)? {
        Invocation::Run { config, .. } => Ok(*config),
        Invocation::Print(text) => panic!("{text}"),
    }
}

fn file(path: &str) -> Database {
    Database::File(PathBuf::from(path))
}

#[test]
fn defaults_apply_without_any_source() {
    let config = read("", &[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:4000");
    assert_eq!(config.database, file("wizitime.db"));
    assert_eq!(config.allow_origins, []);
    assert_eq!(config.trusted_proxies, TrustedProxies::default());
    assert_eq!(config.log, Level::INFO);
}

#[test]
fn trusted_proxies_are_networks() {
    let config = read("--trusted-proxies ::1 --trusted-proxies 10.0.0.0/8", &[]).unwrap();
    assert_eq!(config.trusted_proxies.networks().len(), 2);
    let environment = [("WIZITIME_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")];
    assert_eq!(read("", &environment).unwrap().trusted_proxies.networks().len(), 2);
    let errors = read("--trusted-proxies proxy", &[]).unwrap_err();
    assert!(errors[0].to_string().contains("an address, or a network"), "{errors:?}");
}

#[test]
fn registration_depends_on_the_listener() {
    for (line, expected) in [
        ("", Registration::Open),
        ("--listen [::1]:80", Registration::Open),
        ("--listen 0.0.0.0:80", Registration::InviteAfterFirst),
        ("--listen 192.0.2.1:80", Registration::InviteAfterFirst),
        ("--listen 0.0.0.0:80 --registration open", Registration::Open),
        ("--registration invite", Registration::Invite),
        ("--registration closed", Registration::Closed),
    ] {
        assert_eq!(read(line, &[]).unwrap().registration, expected, "{line}");
    }
    let errors = read("--registration everyone", &[]).unwrap_err();
    assert!(errors[0].to_string().contains("open, invite or closed"), "{errors:?}");
}

#[test]
fn public_url_is_that_of_the_listener_by_default() {
    let url = |line: &str| read(line, &[]).unwrap().public_url.as_str().to_owned();
    assert_eq!(url("--listen 0.0.0.0:80"), "http://127.0.0.1:80/");
    assert_eq!(url("--public-url https://nas/time"), "https://nas/time/");
    let errors = read("--public-url nas", &[]).unwrap_err();
    assert!(errors[0].to_string().contains("the address of the app"), "{errors:?}");
}

#[test]
fn no_mails_are_sent_by_default() {
    assert_eq!(read("--public-url https://nas", &[]).unwrap().mail, None);
}

#[test]
fn mails_need_a_server_a_sender_and_the_address_of_the_app() {
    let url = ("WIZITIME_SMTP_URL", "smtps://ada:geheim@mail.example.org");
    let from = ("WIZITIME_SMTP_FROM", "WiziTime <time@example.org>");
    let public = ("WIZITIME_PUBLIC_URL", "https://nas");
    let config = read("", &[url, from, public]).unwrap();
    let mail = config.mail.as_ref().unwrap();
    assert_eq!(mail.server.to_string(), "smtps://ada@mail.example.org:465");
    assert_eq!(mail.from.to_string(), "WiziTime <time@example.org>");
    assert!(!format!("{config:?}").contains("geheim"));
    let messages = |environment: &[(&str, &str)]| {
        let errors = read("", environment).unwrap_err();
        errors.iter().map(ConfigError::to_string).collect::<Vec<_>>()
    };
    let no_sender = "WIZITIME_SMTP_URL needs smtp_from as well: the sender, such as \
                     WiziTime <time@example.org>";
    let no_address = "WIZITIME_SMTP_URL needs public_url as well: the links in mails begin with it";
    let no_server = "WIZITIME_SMTP_FROM needs smtp_url as well: the mail server, such as \
                     smtps://mail.example.org";
    assert_eq!(messages(&[url]), [no_sender, no_address]);
    assert_eq!(messages(&[from]), [no_server]);
    let bad = ("WIZITIME_SMTP_URL", "smtp://ada:ge#heim@host");
    let messages = messages(&[bad, ("WIZITIME_SMTP_FROM", "time")]);
    assert_eq!(messages.len(), 3, "{messages:#?}");
    assert!(messages[0].starts_with("WIZITIME_SMTP_URL: the URL contains '#'"), "{messages:#?}");
    assert!(messages[1].contains("WIZITIME_SMTP_FROM cannot be \"time\""), "{messages:#?}");
    assert!(messages.iter().all(|message| !message.contains("heim")), "{messages:#?}");
}

#[test]
fn flags_override_the_environment() {
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
fn database_comes_from_the_first_source_that_sets_it() {
    let url = ("DATABASE_URL", "postgres://ada:geheim@localhost/wizitime");
    let named = ("WIZITIME_DATABASE", "env.db");
    assert_eq!(read("--database cli.db", &[named, url]).unwrap().database, file("cli.db"));
    assert_eq!(read("", &[url, named]).unwrap().database, file("env.db"));
    let config = read("", &[url, ("WIZITIME_DATABASE", "")]).unwrap();
    assert_eq!(config.database.to_string(), "postgres://ada@localhost:5432/wizitime");
    assert!(!format!("{config:?}").contains("geheim"));
}

#[test]
fn url_of_an_unsupported_database_is_not_taken_for_a_file() {
    let errors = read("", &[("DATABASE_URL", "mysql://ada:geheim@localhost/db")]).unwrap_err();
    let messages: Vec<_> = errors.iter().map(ConfigError::to_string).collect();
    assert_eq!(messages.len(), 1);
    assert!(messages[0].contains("postgres://") && !messages[0].contains("geheim"), "{messages:?}");
}

#[test]
fn app_folder_must_contain_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    let missing = read(&format!("--app {path}"), &[]).unwrap_err();
    let source = ConfigSource::Flag("--app");
    assert_eq!(missing, [ConfigError::NoApp { source, folder: folder.path().to_owned() }]);
    std::fs::write(folder.path().join("index.html"), "<!doctype html>").unwrap();
    let config = read(&format!("--app {path}"), &[]).unwrap();
    assert_eq!(config.app.as_deref(), Some(folder.path()));
}

#[test]
fn all_errors_are_reported_together() {
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

/// A configuration file with this text, and the flag that names it.
fn config_file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wizitime.toml");
    std::fs::write(&path, text).unwrap();
    let flag = format!("--config {}", path.display());
    (folder, flag)
}

/// The error messages, without the folder of the file.
fn messages(line: &str, environment: &[(&str, &str)], folder: &tempfile::TempDir) -> Vec<String> {
    let errors = read(line, environment).unwrap_err();
    let within = format!("{}/", folder.path().display());
    errors.iter().map(|error| error.to_string().replace(&within, "")).collect()
}

#[test]
fn file_and_flags_are_equivalent() {
    let (_folder, flag) = config_file(
        "# ours\nlisten = '127.0.0.1:5'\nmetrics_listen = \"127.0.0.1:6\"\n\
         database = \"file.db\"\nallow_origin = [\"https://a.example\", \"https://b.example\"]\n\
         log = \"warn\"\nlog_format = \"json\"\n",
    );
    let from_file = read(&flag, &[]).unwrap();
    let line = "--listen 127.0.0.1:5 --metrics-listen 127.0.0.1:6 --database file.db --log warn \
                --allow-origin https://a.example --allow-origin https://b.example \
                --log-format json";
    assert_eq!(from_file, read(line, &[]).unwrap());
    let (_folder, flag) = config_file("allow_origin = 'https://a.example'");
    assert_eq!(read(&flag, &[]).unwrap().allow_origins, ["https://a.example".parse().unwrap()]);
}

#[test]
fn flags_override_the_environment_and_the_environment_overrides_the_file() {
    let (_folder, flag) = config_file("listen = '127.0.0.1:5'\ndatabase = 'file.db'\nlog = 'warn'");
    let path = flag.strip_prefix("--config ").unwrap();
    let environment =
        [("WIZITIME_CONFIG", path), ("WIZITIME_LISTEN", "127.0.0.1:6"), ("WIZITIME_LOG", "error")];
    let config = read("--log debug", &environment).unwrap();
    assert_eq!(config.log, Level::DEBUG);
    assert_eq!(config.listen.port(), 6);
    assert_eq!(config.database, file("file.db"));
    let (_other, other) = config_file("listen = '127.0.0.1:7'");
    assert_eq!(read(&other, &[("WIZITIME_CONFIG", path)]).unwrap().listen.port(), 7);
}

#[test]
fn errors_of_all_sources_are_reported_with_their_source() {
    let (folder, flag) = config_file(
        "listen = 4000\n\nlistem = '127.0.0.1:5'\nlog = 'loud'\n\
         database = 'mysql://ada:geheim@host/db'\nallow_origin = ['https://a.example', 1]\n\
         config = 'other.toml'\n",
    );
    let environment = [("WIZITIME_LOG_FORMAT", "xml"), ("WIZITIME_LISTEN", "nowhere")];
    let messages = messages(&format!("{flag} --log shout --prot=1"), &environment, &folder);
    let expected = [
        "there is no option --prot; see --help",
        "wizitime.toml:7: config: there is no such key; the keys are listen, metrics_listen, \
         database, app, allow_origin, trusted_proxies, public_url, registration, \
         oidc_issuer, oidc_client_id, oidc_client_secret, oidc_name, oidc_link_by_email, \
         oidc_sign_up, smtp_url, smtp_from, account_megabytes, account_megabytes_per_minute, \
         log, log_format",
        "wizitime.toml:6: allow_origin has the type integer: expected a string or a list of \
         strings, in quotes",
        "wizitime.toml:3: listem: there is no such key; the keys are listen, metrics_listen, \
         database, app, allow_origin, trusted_proxies, public_url, registration, \
         oidc_issuer, oidc_client_id, oidc_client_secret, oidc_name, oidc_link_by_email, \
         oidc_sign_up, smtp_url, smtp_from, account_megabytes, account_megabytes_per_minute, \
         log, log_format",
        "wizitime.toml:1: listen has the type integer: expected a string, in quotes",
        "WIZITIME_LISTEN cannot be \"nowhere\": expected an address and a port such as \
         127.0.0.1:4000",
        "wizitime.toml:5: database: expected a file or a URL that begins with postgres://; see \
         --help",
        "--log cannot be \"shout\": expected error, warn, info or debug",
        "wizitime.toml:4: log cannot be \"loud\": expected error, warn, info or debug",
        "WIZITIME_LOG_FORMAT cannot be \"xml\": expected text or json",
    ];
    for line in expected {
        assert!(messages.iter().any(|message| message == line), "{line}\n{messages:#?}");
    }
    assert_eq!(messages.len(), expected.len(), "{messages:#?}");
}

#[test]
fn syntax_errors_name_the_line_and_hide_its_content() {
    let (folder, flag) = config_file(
        "log = 'info'\ndatabase = postgres://ada:geheim@host/db\nlog = 'warn'\nlistem = 'x'\n",
    );
    let messages = messages(&flag, &[], &folder);
    for part in ["wizitime.toml:2: invalid TOML", "wizitime.toml:3: invalid TOML", ":4: listem"] {
        assert!(messages.iter().any(|message| message.contains(part)), "{part}: {messages:#?}");
    }
    assert!(messages.iter().all(|message| !message.contains("geheim")), "{messages:#?}");
}

#[test]
fn unreadable_file_is_reported_with_the_source_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.toml");
    let messages = messages("--log loud", &[("WIZITIME_CONFIG", path.to_str().unwrap())], &folder);
    assert!(
        messages[0].starts_with("WIZITIME_CONFIG: none.toml cannot be read: "),
        "{messages:#?}"
    );
    assert_eq!(messages.len(), 2, "{messages:#?}");
}

const PROVIDER: [(&str, &str); 3] = [
    ("WIZITIME_OIDC_ISSUER", "https://login.example.org/realms/main"),
    ("WIZITIME_OIDC_CLIENT_ID", "wizitime"),
    ("WIZITIME_OIDC_CLIENT_SECRET", "geheim"),
];

#[test]
fn provider_has_safe_defaults_and_its_secret_is_not_printed() {
    assert_eq!(read("", &[]).unwrap().oidc, None);
    let config = read("", &PROVIDER).unwrap();
    let oidc = config.oidc.clone().unwrap();
    assert_eq!(oidc.name, "login.example.org");
    assert!(!oidc.link_by_email && !oidc.sign_up);
    assert!(!format!("{config:?}").contains("geheim"));
    let named = read("--oidc-name ACME --oidc-sign-up true", &PROVIDER).unwrap().oidc.unwrap();
    assert_eq!((&*named.name, named.sign_up), ("ACME", true));
    let environment = PROVIDER.map(|(name, value)| (name.into(), value.into()));
    let Ok(Invocation::Run { command, .. }) =
        Invocation::read(["check-config".into()], environment)
    else {
        panic!("the configuration is valid")
    };
    let Command::CheckConfig { description } = command else { panic!("{command:?}") };
    let line = "oidc_client_secret           hidden (WIZITIME_OIDC_CLIENT_SECRET)";
    assert!(description.lines().any(|printed| printed == line), "{description}");
    assert!(description.contains("oidc_link_by_email           false (by default)"));
}

#[test]
fn provider_needs_all_of_its_settings() {
    let errors = read("--oidc-issuer https://login.example.org", &[]).unwrap_err();
    let expected = ConfigError::OidcIncomplete(vec!["oidc_client_id", "oidc_client_secret"]);
    assert_eq!(errors, [expected]);
    let errors = read("--oidc-sign-up yes", &[]).unwrap_err();
    let messages: Vec<_> = errors.iter().map(ConfigError::to_string).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].contains("expected true or false"), "{messages:?}");
    assert!(messages[1].contains("also needs oidc_issuer, oidc_client_id"), "{messages:?}");
}

#[test]
fn provider_is_reached_over_https_unless_it_is_on_this_machine() {
    let issuer = |url: &str| read(&format!("--oidc-issuer {url}"), &PROVIDER[1..]);
    for url in [
        "https://login.example.org",
        "https://login.example.org/o/app/",
        "http://localhost:8080/realms/main",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
    ] {
        assert_eq!(issuer(url).unwrap().oidc.unwrap().issuer.as_str(), url);
    }
    for url in [
        "http://login.example.org",
        "login.example.org",
        "https://ada:geheim@login.example.org",
        "https://login.example.org/?realm=main",
        "https://login.example.org/#main",
        "ftp://localhost",
    ] {
        assert!(matches!(issuer(url).unwrap_err()[..], [ConfigError::BadValue { .. }]), "{url}");
    }
}

#[test]
fn emails_open_no_accounts_while_anyone_can_create_them() {
    let line = "--oidc-link-by-email true";
    assert_eq!(read(line, &PROVIDER).unwrap_err(), [ConfigError::OidcLinkByEmailWhileOpen]);
    for rest in ["--registration invite", "--registration closed", "--listen 0.0.0.0:80"] {
        read(&format!("{line} {rest}"), &PROVIDER).unwrap();
    }
}

#[test]
fn metrics_need_a_separate_address() {
    let errors = read("--listen 127.0.0.1:1 --metrics-listen 127.0.0.1:1", &[]).unwrap_err();
    assert_eq!(errors, [ConfigError::SameAddress]);
    read("--listen 127.0.0.1:0 --metrics-listen 127.0.0.1:0", &[]).unwrap();
}

#[test]
fn check_config_prints_value_and_source() {
    let (folder, flag) = config_file("log = 'warn'");
    let line = format!("{flag} --listen 127.0.0.1:1");
    let arguments = ["check-config"].into_iter().chain(line.split_whitespace()).map(OsString::from);
    let database = "postgres://ada:geheim@localhost/wizitime";
    let environment = [(OsString::from("DATABASE_URL"), OsString::from(database))];
    let Ok(Invocation::Run { command, .. }) = Invocation::read(arguments, environment) else {
        panic!("the configuration is valid")
    };
    let Command::CheckConfig { description } = command else { panic!("{command:?}") };
    let description = description.replace(&format!("{}/", folder.path().display()), "");
    for line in [
        "listen                       127.0.0.1:1 (--listen)",
        "metrics_listen               none (by default)",
        "database                     postgres://ada@localhost:5432/wizitime (DATABASE_URL)",
        "log                          warn (wizitime.toml:1: log)",
        "account_megabytes            1000 (by default)",
        "account_megabytes_per_minute 60 (by default)",
        "log_format                   text (by default)",
    ] {
        assert!(description.lines().any(|printed| printed == line), "{line}\n{description}");
    }
    assert!(!description.contains("geheim"));
}

#[test]
fn help_text_names_every_key() {
    let help = help();
    for key in Key::ALL {
        assert!(help.contains(key.flag()), "{key:?}");
        assert!(key.variables().iter().all(|variable| help.contains(variable)), "{key:?}");
        assert_eq!(key.flag().trim_start_matches('-').replace('-', "_"), key.name());
    }
    let longest = help.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(100), "{longest:?}\n{help}");
}

#[test]
fn a_misspelt_variable_is_an_error_that_names_the_nearest() {
    for (variable, nearest) in [
        ("WIZITIME_LISTEM", "WIZITIME_LISTEN"),
        ("WIZITIME_TRUSTED_PROXY", "WIZITIME_TRUSTED_PROXIES"),
        ("WIZITIME_ALLOW_ORIGINS", "WIZITIME_ALLOW_ORIGIN"),
        ("WIZITIME_DATABASE_URL", "WIZITIME_DATABASE"),
    ] {
        let environment = [(variable, "postgres://ada:geheim@host/db"), ("WIZITIME_LOG", "loud")];
        let errors = read("", &environment).unwrap_err();
        let messages: Vec<_> = errors.iter().map(ConfigError::to_string).collect();
        let expected =
            format!("there is no variable {variable}; did you mean {nearest}? See --help");
        assert!(messages.contains(&expected), "{messages:#?}");
        assert_eq!(messages.len(), 2, "{messages:#?}");
    }
    read("", &[("WIZITIME_LISTEM", ""), ("WIZI_RUNS", "1")]).unwrap();
}

/// A container of a service named `wizitime` has them.
#[test]
fn variables_of_kubernetes_and_docker_are_ignored() {
    let environment = [
        ("WIZITIME_SERVICE_HOST", "10.0.0.1"),
        ("WIZITIME_SERVICE_PORT_HTTP", "4000"),
        ("WIZITIME_PORT", "tcp://10.0.0.1:4000"),
        ("WIZITIME_PORT_4000_TCP_ADDR", "10.0.0.1"),
    ];
    read("", &environment).unwrap();
    assert_eq!(read("", &[("WIZITIME_PORT", "4000")]).unwrap_err().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_utf8_is_an_error() {
    use std::os::unix::ffi::OsStringExt as _;

    let value = OsString::from_vec(vec![0xff]);
    let errors = Invocation::read([], [("WIZITIME_DATABASE".into(), value.clone())]).unwrap_err();
    assert_eq!(errors, [ConfigError::NotUtf8("WIZITIME_DATABASE")]);
    let errors = Invocation::read(["--database".into(), value], []).unwrap_err();
    assert!(errors[0].to_string().contains("UTF-8"), "{errors:?}");
}

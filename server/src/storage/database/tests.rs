//! Tests of database options and of hidden passwords.

use super::*;

fn postgres(text: &str) -> PostgresUrl {
    match text.parse().unwrap() {
        Database::Postgres(url) => url,
        Database::File(path) => panic!("{} is a file", path.display()),
    }
}

#[test]
fn text_without_a_scheme_is_a_file() {
    let file = Database::File(PathBuf::from("data/wizitime.db"));
    assert_eq!("data/wizitime.db".parse(), Ok(file));
    postgres("postgres://localhost/wizitime");
    postgres("postgresql:///wizitime?host=/run/postgresql&user=ada");
}

#[test]
fn invalid_options_are_refused_without_quoting_them() {
    for (text, part) in [
        ("mysql://ada:geheim@host/db", "begins with postgres://"),
        ("sqlite:geheim.db", "begins with postgres://"),
        ("postgres://ada@host/db?pasword=geheim", "cannot set \"pasword\""),
        ("postgres://ada:geheim@host:port/db", "invalid URL"),
        ("postgres://ada:geheim@host/db?port=x", "invalid URL"),
    ] {
        let error = text.parse::<Database>().unwrap_err();
        let message = format!("{error} {error:?}");
        assert!(message.contains(part), "{message}");
        assert!(!message.contains("geheim"), "{message}");
    }
}

#[test]
fn password_is_never_shown() {
    for text in [
        "postgres://ada:geheim@db.example.org:5433/wizitime",
        "postgres://ada@db.example.org:5433/wizitime?password=geheim",
    ] {
        let database: Database = text.parse().unwrap();
        assert_eq!(database.to_string(), "postgres://ada@db.example.org:5433/wizitime");
        assert!(!format!("{database:?}{database:#?}").contains("geheim"));
    }
}

#[test]
fn remote_connections_verify_the_certificate_by_default() {
    for (text, mode) in [
        ("postgres://db.example.org/wizitime", PgSslMode::VerifyFull),
        ("postgres://10.0.0.7/wizitime", PgSslMode::VerifyFull),
        ("postgres://10.0.0.7/wizitime?sslmode=disable", PgSslMode::Disable),
        ("postgres://10.0.0.7/wizitime?sslmode=prefer", PgSslMode::Prefer),
        ("postgres://127.0.0.1/wizitime", PgSslMode::Prefer),
        ("postgres://[::1]/wizitime", PgSslMode::Prefer),
        ("postgres://localhost/wizitime", PgSslMode::Prefer),
        ("postgres:///wizitime?host=/run/postgresql", PgSslMode::Prefer),
    ] {
        let found = postgres(text).options().get_ssl_mode();
        assert_eq!(format!("{found:?}"), format!("{mode:?}"), "{text}");
    }
}

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
        ("postgres://ada:x?geheim@host/db", "write it as %3F"),
        ("postgres://ada:x?geheim=y@host/db", "write it as %3F"),
        ("postgres://ada:x@y?geheim@host/db", "write it as %3F"),
        ("postgres://ada:1?geheim&user=y@host/db", "write it as %3F"),
        ("postgres://ada:x/geheim@host/db", "write it as %2F"),
        ("postgres://ada:1/geheim@host/db", "write it as %2F"),
        ("postgres://ada:x#geheim@host/db", "write it as %23"),
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
fn characters_of_a_password_can_be_escaped() {
    for text in ["postgres://ada:a%3Fb%2Fc%23d%40e@host/db", "postgres://ada:a@b@host/db"] {
        assert_eq!(postgres(text).to_string(), "postgres://ada@host:5432/db");
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

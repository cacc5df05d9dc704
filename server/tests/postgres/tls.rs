//! The link to a PostgreSQL elsewhere: encrypted, and to the one that was meant.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tokio::process::Command;
use wizitime_domain::Timestamp;
use wizitime_server::{Database, Storage};

use crate::cluster::{Cluster, Fsync};
use crate::conformance::{EPOCH, of_its_own, user};

/// What OpenSSL would else add of its own.
const CONFIGURATION: &str = "[req]\ndistinguished_name = name\n[name]\n";

/// Makes `NAME.key` and `NAME.pem`, signed by itself or by another.
async fn certify(folder: &Path, name: &str, subject: &str, more: &[&str]) {
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-config", "openssl.cnf", "-days", "2", "-nodes"]);
    openssl.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
    openssl.args(["-subj", subject, "-keyout", &format!("{name}.key")]);
    openssl.args(["-out", &format!("{name}.pem")]).args(more).current_dir(folder);
    let Ok(output) = openssl.output().await else {
        panic!("openssl is not there: install it (Debian: `apt-get install openssl`)");
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Has the database speak TLS with the certificate for `localhost` in the folder.
async fn encrypt(cluster: &Cluster, folder: &Path) {
    let mut connection = cluster.connect("postgres").await;
    for (name, file) in [("ssl_key_file", "server.key"), ("ssl_cert_file", "server.pem")] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        // The database writes it itself: the file has to be its user's, and nobody else's.
        let copy = format!(
            "COPY (SELECT unnest(string_to_array($text${text}$text$, E'\\n'))) \
             TO PROGRAM 'umask 077; cat > {file}'"
        );
        let set = format!("ALTER SYSTEM SET {name} = '{file}'");
        for statement in [copy, set] {
            connection.execute(AssertSqlSafe(statement)).await.unwrap();
        }
    }
    connection.execute("ALTER SYSTEM SET ssl = on").await.unwrap();
    connection.close().await.unwrap();
    cluster.stop();
    cluster.start_again();
}

#[tokio::test]
async fn a_database_has_to_prove_who_it_is() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("openssl.cnf"), CONFIGURATION).unwrap();
    let authority = ["-addext", "basicConstraints=critical,CA:TRUE"];
    certify(folder.path(), "authority", "/CN=authority", &authority).await;
    certify(folder.path(), "stranger", "/CN=authority", &authority).await;
    let leaf = [
        "-addext",
        "subjectAltName=DNS:localhost",
        "-CA",
        "authority.pem",
        "-CAkey",
        "authority.key",
    ];
    certify(folder.path(), "server", "/CN=localhost", &leaf).await;
    let cluster = Cluster::start(Fsync::Off);
    let url = cluster.database().await;
    encrypt(&cluster, folder.path()).await;

    let by_name = url.replace("127.0.0.1", "localhost");
    let trusting = |url: &str, name: &str| -> Database {
        let root = folder.path().join(name);
        format!("{url}?sslmode=verify-full&sslrootcert={}", root.display()).parse().unwrap()
    };
    let storage = Storage::open(&trusting(&by_name, "authority.pem"), EPOCH).await.unwrap();
    let user_id = user(&storage).await;
    storage.append(user_id, of_its_own(1), Timestamp::MIN).await.unwrap().unwrap();
    let mut connection = cluster.connect("postgres").await;
    let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                     WHERE application_name = 'wizitime-server'";
    let encrypted: Option<bool> =
        sqlx::query_scalar(encrypted).fetch_one(&mut connection).await.unwrap();
    assert_eq!(encrypted, Some(true));
    // Another authority, another name, and nobody whom the system trusts.
    let whom_the_system_trusts = format!("{by_name}?sslmode=verify-full").parse().unwrap();
    for database in [
        trusting(&by_name, "stranger.pem"),
        trusting(&url, "authority.pem"),
        whom_the_system_trusts,
    ] {
        let refused = Storage::open(&database, EPOCH).await.unwrap_err();
        assert!(format!("{refused:?}").contains("InvalidCertificate"), "{refused:?}");
    }
}

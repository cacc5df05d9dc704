//! TLS connections to PostgreSQL: encryption and certificate verification.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use wizitime_domain::Timestamp;
use wizitime_server::{Database, Storage};
use wizitime_server_support::certificates;
use wizitime_server_support::postgres_cluster::{Cluster, Fsync};
use wizitime_server_support::storage::{EPOCH, create_user, unique_batch};

/// Configures the cluster for TLS with the certificate for `localhost` in the folder.
async fn enable_tls(cluster: &Cluster, folder: &Path) {
    let mut connection = cluster.connect("postgres").await;
    for (name, file) in [("ssl_key_file", "server.key"), ("ssl_cert_file", "server.pem")] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        // Written by the database itself, because the file must be owned by its user.
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
async fn database_certificate_is_verified() {
    let folder = certificates::create().await;
    let cluster = Cluster::start(Fsync::Off);
    let url = cluster.create_database().await;
    enable_tls(&cluster, folder.path()).await;

    let by_name = url.replace("127.0.0.1", "localhost");
    let with_root = |url: &str, name: &str| -> Database {
        let root = folder.path().join(name);
        format!("{url}?sslmode=verify-full&sslrootcert={}", root.display()).parse().unwrap()
    };
    let storage = Storage::open(&with_root(&by_name, "authority.pem"), EPOCH).await.unwrap();
    let user_id = create_user(&storage).await;
    storage.append(user_id, unique_batch(1), Timestamp::MIN).await.unwrap().unwrap();
    let mut connection = cluster.connect("postgres").await;
    let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                     WHERE application_name = 'wizitime-server'";
    let encrypted: Option<bool> =
        sqlx::query_scalar(encrypted).fetch_one(&mut connection).await.unwrap();
    assert_eq!(encrypted, Some(true));
    // Another authority, another host name, and an authority that the system does not trust.
    let system_authorities = format!("{by_name}?sslmode=verify-full").parse().unwrap();
    for database in
        [with_root(&by_name, "other.pem"), with_root(&url, "authority.pem"), system_authorities]
    {
        let refused = Storage::open(&database, EPOCH).await.unwrap_err();
        assert!(format!("{refused:?}").contains("InvalidCertificate"), "{refused:?}");
    }
}

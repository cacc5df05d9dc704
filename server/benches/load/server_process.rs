//! The server process, its database and its accounts.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use wizitime_domain::{DeviceId, EpochId, IdSource, Timestamp, UserId};
use wizitime_server::auth::Token;
use wizitime_server::{Database, NewToken, NewUser, READY_LINE, Storage};

use wizitime_server_support::postgres_cluster::{Cluster, Fsync};

const EPOCH: EpochId = EpochId::from_bytes([1; 16]);

/// An account and a session token.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) user_id: UserId,
    pub(crate) token: String,
}

/// The kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// A database with accounts, before the server is started. Commits are synced to disk.
pub(crate) struct PreparedDatabase {
    backend: Backend,
    folder: TempDir,
    cluster: Option<Cluster>,
    name: String,
    pub(crate) accounts: Vec<Account>,
}

/// A running server; dropping it kills the process.
pub(crate) struct ServerProcess {
    pub(crate) backend: Backend,
    pub(crate) address: SocketAddr,
    pub(crate) accounts: Vec<Account>,
    process: Child,
    _cluster: Option<Cluster>,
    _folder: TempDir,
}

impl PreparedDatabase {
    /// Creates `count` accounts without hashing passwords, which is not measured.
    pub(crate) async fn with_users(backend: Backend, count: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (cluster, name) = match backend {
            Backend::Sqlite => {
                (None, folder.path().join("wizitime.db").to_str().unwrap().to_owned())
            }
            Backend::Postgres => {
                let cluster = Cluster::start(Fsync::On);
                let name = cluster.create_database().await;
                (Some(cluster), name)
            }
        };
        let database: Database = name.parse().unwrap();
        let storage = Storage::open(&database, EPOCH).await.unwrap();
        let ids = &mut IdSource::new([1, 2, 3, 4]);
        let mut accounts = Vec::with_capacity(count);
        for number in 0..count {
            let user_id = UserId::from_bytes(ids.uuid_v7(Timestamp::MIN));
            let token = Token::generate().unwrap();
            let email = format!("{number}@example.org");
            let user = NewUser { user_id, email, password_hash: String::new() };
            let (created_at, expires_at) = (Timestamp::MIN, Timestamp::MAX);
            let device_id = DeviceId::from_bytes([0; 16]);
            let hash = token.hash();
            let token_row = NewToken { user_id, hash, device_id, created_at, expires_at };
            assert!(storage.sign_up(user, token_row).await.unwrap());
            accounts.push(Account { user_id, token: token.expose_secret().to_owned() });
        }
        storage.close().await;
        Self { backend, folder, cluster, name, accounts }
    }

    /// Starts the server.
    pub(crate) async fn serve(self) -> ServerProcess {
        let configured = std::env::var_os("WIZITIME_SERVER");
        let built = || PathBuf::from(env!("CARGO_BIN_EXE_wizitime-server"));
        let mut command = Command::new(configured.map_or_else(built, PathBuf::from));
        command.args(["--listen", "127.0.0.1:0", "--log", "error"]);
        command.args(["--trusted-proxies", "127.0.0.1"]);
        command.env("WIZITIME_DATABASE", &self.name).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap();
        let address = line.strip_prefix(READY_LINE).unwrap().parse().unwrap();
        let Self { backend, folder, cluster, accounts, .. } = self;
        ServerProcess { backend, address, accounts, process, _cluster: cluster, _folder: folder }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite FULL",
            Self::Postgres => "PostgreSQL",
        })
    }
}

impl ServerProcess {
    pub(crate) async fn with_users(backend: Backend, count: usize) -> Self {
        PreparedDatabase::with_users(backend, count).await.serve().await
    }

    /// The resident set size of the server (`VmRSS`).
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.status_bytes("VmRSS:")
    }

    /// The highest resident set size so far (`VmHWM`).
    pub(crate) fn peak_memory_bytes(&self) -> u64 {
        self.status_bytes("VmHWM:")
    }

    /// A field of `/proc/PID/status`.
    fn status_bytes(&self, field: &str) -> u64 {
        let id = self.process.id().unwrap();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        let kib: u64 = line.trim().strip_suffix(" kB").unwrap().trim().parse().unwrap();
        kib * 1024
    }
}

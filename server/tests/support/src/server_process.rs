//! The server's program as a process, with its database and accounts.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use wizitime_domain::{DeviceId, EpochId, IdSource, Timestamp, UserId};
use wizitime_server::auth::Token;
use wizitime_server::{Database, NewToken, NewUser, READY_LINE, Storage};

use crate::postgres_cluster::{Cluster, Fsync};

const EPOCH: EpochId = EpochId::from_bytes([1; 16]);

/// An account and a session token.
#[derive(Clone)]
pub struct Account {
    pub user_id: UserId,
    pub token: String,
}

/// The kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServedDatabase {
    Sqlite,
    Postgres,
}

/// A database with accounts, without a server. Commits are synced to disk.
pub struct PreparedDatabase {
    pub backend: ServedDatabase,
    folder: TempDir,
    /// Stopped when it is dropped.
    _cluster: Option<Cluster>,
    name: String,
    pub accounts: Vec<Account>,
}

/// A running server; dropping it kills the process.
pub struct ServerProcess {
    pub database: PreparedDatabase,
    pub address: SocketAddr,
    process: Child,
}

impl PreparedDatabase {
    /// Creates `count` accounts without hashing passwords, which is not measured.
    pub async fn with_users(backend: ServedDatabase, count: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (cluster, name) = match backend {
            ServedDatabase::Sqlite => {
                (None, folder.path().join("wizitime.db").to_str().unwrap().to_owned())
            }
            ServedDatabase::Postgres => {
                let cluster = Cluster::start(Fsync::On);
                let name = cluster.create_database().await;
                (Some(cluster), name)
            }
        };
        let storage = open(&name).await;
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
        Self { backend, folder, _cluster: cluster, name, accounts }
    }

    /// Opens the database without a server.
    pub async fn open(&self) -> Storage {
        open(&self.name).await
    }

    /// Starts the server.
    pub async fn serve(self, program: &Path) -> ServerProcess {
        let mut command = Command::new(program);
        command.args(["--listen", "127.0.0.1:0", "--log", "error"]);
        command.args(["--trusted-proxies", "127.0.0.1"]);
        command.env("WIZITIME_DATABASE", &self.name).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap();
        let address = line.strip_prefix(READY_LINE).unwrap().parse().unwrap();
        ServerProcess { database: self, address, process }
    }
}

async fn open(name: &str) -> Storage {
    let database: Database = name.parse().unwrap();
    Storage::open(&database, EPOCH).await.unwrap()
}

impl fmt::Display for ServedDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite FULL",
            Self::Postgres => "PostgreSQL",
        })
    }
}

impl ServerProcess {
    /// Kills the process (SIGKILL) and waits until it has ended.
    pub async fn kill(mut self) -> PreparedDatabase {
        self.process.kill().await.unwrap();
        self.database
    }

    /// The resident set size of the server (`VmRSS`).
    pub fn memory_bytes(&self) -> u64 {
        self.status_bytes("VmRSS:")
    }

    /// The highest resident set size so far (`VmHWM`).
    pub fn peak_memory_bytes(&self) -> u64 {
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

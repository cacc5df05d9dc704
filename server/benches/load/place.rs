//! The server's process, its database, and who may connect.

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

use crate::cluster::{Cluster, Fsync};

const EPOCH: EpochId = EpochId::from_bytes([1; 16]);

/// Somebody with a token.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) user_id: UserId,
    pub(crate) token: String,
}

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// A database on disk, not served. What is committed is synced there, as it is for people.
pub(crate) struct Disk {
    kind: Kind,
    folder: TempDir,
    cluster: Option<Cluster>,
    name: String,
    pub(crate) accounts: Vec<Account>,
}

/// A server that runs until it is dropped.
pub(crate) struct Place {
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
    pub(crate) accounts: Vec<Account>,
    process: Child,
    _cluster: Option<Cluster>,
    _folder: TempDir,
}

impl Disk {
    /// So many accounts, made without hashing passwords: that is not what is measured.
    pub(crate) async fn with_users(kind: Kind, count: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (cluster, name) = match kind {
            Kind::Sqlite => (None, folder.path().join("wizitime.db").to_str().unwrap().to_owned()),
            Kind::Postgres => {
                let cluster = Cluster::start(Fsync::On);
                let name = cluster.database().await;
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
        Self { kind, folder, cluster, name, accounts }
    }

    /// Serves it.
    pub(crate) async fn serve(self) -> Place {
        let named = std::env::var_os("WIZITIME_SERVER");
        let built = || PathBuf::from(env!("CARGO_BIN_EXE_wizitime-server"));
        let mut command = Command::new(named.map_or_else(built, PathBuf::from));
        command.args(["--listen", "127.0.0.1:0", "--log", "error"]);
        command.env("WIZITIME_DATABASE", &self.name).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap();
        let address = line.strip_prefix(READY_LINE).unwrap().parse().unwrap();
        let Self { kind, folder, cluster, accounts, .. } = self;
        Place { kind, address, accounts, process, _cluster: cluster, _folder: folder }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite FULL",
            Self::Postgres => "PostgreSQL",
        })
    }
}

impl Place {
    pub(crate) async fn with_users(kind: Kind, count: usize) -> Self {
        Disk::with_users(kind, count).await.serve().await
    }

    /// How much memory the server holds, in bytes: its resident set, as the kernel tells it.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let id = self.process.id().unwrap();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kib: u64 = line.trim().strip_suffix(" kB").unwrap().trim().parse().unwrap();
        kib * 1024
    }
}

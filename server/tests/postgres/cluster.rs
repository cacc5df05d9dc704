//! A PostgreSQL of the tests' own, on this machine: made in a temporary folder, stopped and
//! removed when the tests end, however they end.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

/// Where Debian puts the programs, one folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";
const USER: &str = "wizitime";
/// Of a database that lives for seconds and listens on this machine alone.
pub(crate) const PASSWORD: &str = "loopback-secret";
const MISSING: &str = "PostgreSQL's programs initdb and pg_ctl are not there: install them \
                       (Debian: `apt-get install postgresql`) or name their folder in \
                       WIZI_POSTGRES_BIN";

/// Obeys orders on its standard input. When that ends, the tests are gone: even a killed test
/// leaves nothing behind.
const KEEPER: &str = r#"
folder=$1; port=$2; fsync=$3; user=$4; password=$5
start() {
  pg_ctl -w -D "$folder/data" -l "$folder/log" -o "-p $port -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories=$folder -c fsync=$fsync -c max_connections=200" start
}
printf %s "$password" >"$folder/password"
{ initdb -D "$folder/data" -U "$user" -A scram-sha-256 --pwfile="$folder/password" -E UTF8 \
    --locale=C --no-sync && start; } >"$folder/orders" 2>&1
echo "$? started"
while read -r order; do
  case $order in
    start) start ;;
    *) pg_ctl -w -D "$folder/data" -m "$order" stop ;;
  esac >>"$folder/orders" 2>&1
  echo "$? $order"
done
pg_ctl -w -D "$folder/data" -m immediate stop >>"$folder/orders" 2>&1
rm -rf "$folder"
"#;

/// Whether what is committed has to be on disk. Without it, tests are faster.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fsync {
    On,
    Off,
}

/// A running PostgreSQL.
pub(crate) struct Cluster {
    port: u16,
    folder: PathBuf,
    keeper: Mutex<(Child, BufReader<ChildStdout>)>,
}

impl Cluster {
    /// Makes and starts one. Without PostgreSQL's programs it says how to get them.
    pub(crate) fn start(fsync: Fsync) -> Self {
        let programs = programs().unwrap_or_else(|| panic!("{MISSING}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let folder = tempfile::Builder::new().prefix("wizitime-postgres-").tempdir().unwrap();
        let mut command = keeper(folder.path());
        // From here on the keeper removes it.
        let folder = folder.keep();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(programs).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(path).unwrap());
        let fsync = match fsync {
            Fsync::On => "on",
            Fsync::Off => "off",
        };
        command.args(["-c", KEEPER, "keeper"]).arg(&folder).arg(port.to_string());
        command.args([fsync, USER, PASSWORD]).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // Whoever interrupts the tests does not interrupt what cleans up after them.
        let mut child = command.process_group(0).spawn().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let cluster = Self { port, folder, keeper: Mutex::new((child, answers)) };
        cluster.hear("0 started");
        cluster
    }

    /// Stops it as a crash does: without a word to its clients.
    pub(crate) fn crash(&self) {
        self.order("immediate");
    }

    /// Stops it in order: every connection is told.
    pub(crate) fn stop(&self) {
        self.order("fast");
    }

    pub(crate) fn start_again(&self) {
        self.order("start");
    }

    fn order(&self, order: &str) {
        let mut keeper = self.keeper.lock().unwrap();
        let stdin = keeper.0.stdin.as_mut().unwrap();
        writeln!(stdin, "{order}").unwrap();
        drop(keeper);
        self.hear(&format!("0 {order}"));
    }

    fn hear(&self, expected: &str) {
        let mut answer = String::new();
        self.keeper.lock().unwrap().1.read_line(&mut answer).unwrap();
        let words = |name: &str| std::fs::read_to_string(self.folder.join(name));
        assert_eq!(answer.trim(), expected, "{:?} {:?}", words("orders"), words("log"));
    }

    /// The URL of a new, empty database.
    pub(crate) async fn database(&self) -> String {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let name = format!("test_{}", LAST.fetch_add(1, Ordering::Relaxed));
        let mut connection = self.connect("postgres").await;
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        connection.close().await.unwrap();
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{name}", self.port)
    }

    /// A connection to a database of this name.
    pub(crate) async fn connect(&self, database: &str) -> PgConnection {
        let options = PgConnectOptions::new().host("127.0.0.1").port(self.port).database(database);
        let options = options.username(USER).password(PASSWORD);
        PgConnection::connect_with(&options).await.unwrap()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Ok(mut keeper) = self.keeper.lock() {
            drop(keeper.0.stdin.take());
            // It ends when everything is cleaned up; there is nobody to tell if it does not.
            let _ = keeper.0.wait();
        }
    }
}

/// The folder of the programs, of the newest version if there are several.
fn programs() -> Option<PathBuf> {
    let has_all = |folder: &PathBuf| folder.join("initdb").is_file();
    if let Some(named) = std::env::var_os("WIZI_POSTGRES_BIN").map(PathBuf::from) {
        return Some(named).filter(has_all);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<f32>().ok();
    let newest = versions
        .map(|version| version.path())
        .filter(|path| has_all(&path.join("bin")))
        .max_by(|one, other| number(one).partial_cmp(&number(other)).unwrap());
    std::env::split_paths(&path).find(has_all).or(newest.map(|path| path.join("bin")))
}

/// A shell to keep the database by. PostgreSQL refuses to run as root: then its owner is the user
/// that its package made, or nobody.
fn keeper(folder: &Path) -> Command {
    if folder.metadata().unwrap().uid() != 0 {
        return Command::new("sh");
    }
    let id = |user: &str| {
        let output = Command::new("id").args(["-u", user]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse::<u32>().ok()
    };
    let uid = id("postgres").or_else(|| id("nobody")).unwrap();
    chown(folder, Some(uid), None).unwrap();
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={uid}")).args(["--clear-groups", "sh"]);
    command
}

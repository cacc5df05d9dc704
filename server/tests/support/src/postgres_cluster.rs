//! A PostgreSQL cluster for tests: created in a temporary folder, stopped and removed when the test
//! process ends, also if it is killed.

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

/// The folder of Debian's PostgreSQL versions.
const DEBIAN: &str = "/usr/lib/postgresql";
/// The overflow uid of Linux (user_namespaces(7)), which has no privileges.
const OVERFLOW_UID: u32 = 65_534;
const USER: &str = "wizitime";
/// The password of the temporary cluster, which listens on loopback only.
pub const PASSWORD: &str = "loopback-secret";
const MISSING: &str = "PostgreSQL's programs initdb and pg_ctl were not found: install them \
                       (Debian: `apt-get install postgresql`) or set WIZI_POSTGRES_BIN to \
                       their folder";

/// Executes commands from its standard input. At the end of the input, which also a killed test
/// process causes, it stops and removes the cluster.
const SUPERVISOR: &str = r#"
folder=$1; port=$2; fsync=$3; user=$4; password=$5
start() {
  pg_ctl -w -D "$folder/data" -l "$folder/log" -o "-p $port -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories=$folder -c fsync=$fsync -c max_connections=200" start
}
printf %s "$password" >"$folder/password"
{ initdb -D "$folder/data" -U "$user" -A scram-sha-256 --pwfile="$folder/password" -E UTF8 \
    --locale=C --no-sync && start; } >"$folder/commands.log" 2>&1
echo "$? started"
while read -r command; do
  case $command in
    start) start ;;
    *) pg_ctl -w -D "$folder/data" -m "$command" stop ;;
  esac >>"$folder/commands.log" 2>&1
  echo "$? $command"
done
pg_ctl -w -D "$folder/data" -m immediate stop >>"$folder/commands.log" 2>&1
rm -rf "$folder"
"#;

/// PostgreSQL's `fsync`. Tests are faster without it.
#[derive(Clone, Copy, Debug)]
pub enum Fsync {
    On,
    Off,
}

/// A running PostgreSQL cluster.
#[derive(Debug)]
pub struct Cluster {
    port: u16,
    folder: PathBuf,
    supervisor: Mutex<(Child, BufReader<ChildStdout>)>,
}

impl Cluster {
    /// Creates and starts a cluster.
    ///
    /// # Panics
    /// If PostgreSQL is not installed, with instructions.
    pub fn start(fsync: Fsync) -> Self {
        let programs = programs().unwrap_or_else(|| panic!("{MISSING}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let folder = tempfile::Builder::new().prefix("wizitime-postgres-").tempdir().unwrap();
        let mut command = supervisor(folder.path());
        // From here on the supervisor removes it.
        let folder = folder.keep();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(programs).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(path).unwrap());
        let fsync = match fsync {
            Fsync::On => "on",
            Fsync::Off => "off",
        };
        command.args(["-c", SUPERVISOR, "supervisor"]).arg(&folder).arg(port.to_string());
        command.args([fsync, USER, PASSWORD]).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // A process group of its own, so that Ctrl-C does not interrupt the clean-up.
        let mut child = command.process_group(0).spawn().unwrap();
        let results = BufReader::new(child.stdout.take().unwrap());
        let cluster = Self { port, folder, supervisor: Mutex::new((child, results)) };
        cluster.expect_result("0 started");
        cluster
    }

    /// Stops it immediately, without notifying clients.
    pub fn crash(&self) {
        self.command("immediate");
    }

    /// Shuts it down; every connection is notified.
    pub fn stop(&self) {
        self.command("fast");
    }

    /// Starts it after [`Cluster::crash`] or [`Cluster::stop`].
    pub fn start_again(&self) {
        self.command("start");
    }

    fn command(&self, command: &str) {
        let mut supervisor = self.supervisor.lock().unwrap();
        let stdin = supervisor.0.stdin.as_mut().unwrap();
        writeln!(stdin, "{command}").unwrap();
        drop(supervisor);
        self.expect_result(&format!("0 {command}"));
    }

    fn expect_result(&self, expected: &str) {
        let mut result = String::new();
        self.supervisor.lock().unwrap().1.read_line(&mut result).unwrap();
        let log = |name: &str| std::fs::read_to_string(self.folder.join(name));
        assert_eq!(result.trim(), expected, "{:?} {:?}", log("commands.log"), log("log"));
    }

    /// Creates an empty database and returns its URL.
    pub async fn create_database(&self) -> String {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let name = format!("test_{}", LAST.fetch_add(1, Ordering::Relaxed));
        let mut connection = self.connect("postgres").await;
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        connection.close().await.unwrap();
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{name}", self.port)
    }

    /// Connects to the database of this name.
    pub async fn connect(&self, database: &str) -> PgConnection {
        let options = PgConnectOptions::new().host("127.0.0.1").port(self.port).database(database);
        let options = options.username(USER).password(PASSWORD);
        PgConnection::connect_with(&options).await.unwrap()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Ok(mut supervisor) = self.supervisor.lock() {
            drop(supervisor.0.stdin.take());
            // It exits after the clean-up; an error here cannot be reported.
            let _ = supervisor.0.wait();
        }
    }
}

/// The folder of PostgreSQL's programs, of the newest installed version.
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

/// The shell of the supervisor. PostgreSQL refuses to run as root, so as root the shell runs as the
/// user of PostgreSQL's package, or else with an unprivileged uid.
fn supervisor(folder: &Path) -> Command {
    if folder.metadata().unwrap().uid() != 0 {
        return Command::new("sh");
    }
    let output = Command::new("id").args(["-u", "postgres"]).output().unwrap();
    let uid = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap_or(OVERFLOW_UID);
    chown(folder, Some(uid), None).unwrap();
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={uid}")).args(["--clear-groups", "sh"]);
    command
}

//! The server's process and its disk.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::task::spawn_local;
use wizitime_server::READY_LINE;

use crate::chaos::Report;

/// How many lines of the server's log are printed after a violation.
const LOG_LINES: usize = 20;

/// A server that is killed and started again on the same port and the same database.
#[derive(Debug)]
pub(crate) struct Server {
    program: PathBuf,
    folder: TempDir,
    /// Port 0 until the first start has chosen one.
    pub(crate) address: SocketAddr,
    process: Option<Child>,
    /// Counts starts: reports about an earlier process are dropped.
    pub(crate) life: u64,
    pub(crate) is_up: bool,
}

impl Server {
    pub(crate) fn new(program: PathBuf) -> Self {
        Self {
            program,
            folder: tempfile::tempdir().unwrap(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            process: None,
            life: 0,
            is_up: false,
        }
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("wizitime.db")
    }

    pub(crate) fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// Starts the process; reports when it listens and when it ends.
    pub(crate) fn start(&mut self, reports: mpsc::Sender<Report>) {
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        let mut command = Command::new(&self.program);
        command.args(["--listen", &self.address.to_string(), "--log", "warn", "--database"]);
        command.arg(self.database()).current_dir(self.folder.path()).env_remove("WIZITIME_APP");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        self.life += 1;
        let stdout = process.stdout.take().unwrap();
        spawn_local(watch(stdout, self.life, reports));
        self.process = Some(process);
    }

    /// Kills the process (SIGKILL), as a power cut does, and waits until it has ended.
    pub(crate) async fn kill(&mut self) {
        self.is_up = false;
        if let Some(mut process) = self.process.take() {
            process.kill().await.unwrap();
        }
    }

    /// The last lines of the server's log.
    pub(crate) fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }

    /// Keeps database and log after the test, for debugging.
    pub(crate) fn keep(&mut self) -> PathBuf {
        self.folder.disable_cleanup(true);
        self.folder.path().to_owned()
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }
}

async fn watch(stdout: ChildStdout, life: u64, reports: mpsc::Sender<Report>) {
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(address) = line.strip_prefix(READY_LINE) {
            let address = address.parse().unwrap();
            let _ = reports.send(Report::ServerUp { life, address }).await;
        }
    }
    let _ = reports.send(Report::ServerEnded { life }).await;
}

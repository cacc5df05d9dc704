//! The server as a process of its own.

use std::net::SocketAddr;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use wizitime_server::READY_LINE;

/// The program on a database in a temporary folder.
pub(super) struct Program {
    folder: tempfile::TempDir,
    process: Child,
    pub(super) address: SocketAddr,
}

impl Program {
    /// Starts the program with these options and waits until it accepts connections.
    pub(super) async fn start(options: &[&str]) -> Self {
        Self::start_with(options, &[]).await
    }

    /// Starts the program with these options and this environment.
    pub(super) async fn start_with(options: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_wizitime-server"));
        command.args(["--listen", "127.0.0.1:0", "--database", "log.db"]).args(options);
        command.current_dir(folder.path()).env_clear().kill_on_drop(true);
        command.envs(environment.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap();
        let address = line.strip_prefix(READY_LINE).unwrap().parse().unwrap();
        Self { folder, process, address }
    }

    /// Kills the program and returns its log.
    pub(super) async fn log(mut self) -> String {
        self.process.start_kill().unwrap();
        let mut text = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut text).await.unwrap();
        self.process.wait().await.unwrap();
        drop(self.folder);
        text
    }

    /// Kills the program once its log has this text, and returns the log.
    pub(super) async fn log_until(mut self, text: &str) -> String {
        let mut log = String::new();
        let mut lines = BufReader::new(self.process.stderr.take().unwrap()).lines();
        while !log.contains(text) {
            log += &lines.next_line().await.unwrap().unwrap();
            log.push('\n');
        }
        self.process.kill().await.unwrap();
        drop(self.folder);
        log
    }

    /// The most memory that the process has used, in bytes.
    #[cfg(target_os = "linux")]
    pub(super) fn peak_memory(&self) -> u64 {
        let status = format!("/proc/{}/status", self.process.id().unwrap());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1_024
    }
}

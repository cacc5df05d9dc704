//! The program: reads its configuration, listens, and stops when it is asked to.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::signal;
use tracing::{Level, error};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use wizitime_server::{
    App, Command, Config, CopyError, GREETING, PasswordCost, USAGE, maintenance, serve,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        return code(io::stdout().write_all(USAGE.as_bytes()));
    }
    let (command, config) = match Command::read(arguments, |name| std::env::var(name).ok()) {
        Ok(read) => read,
        Err(errors) => {
            log_to_stderr(Level::ERROR);
            errors.iter().for_each(|error| error!("{error}"));
            return ExitCode::from(2);
        }
    };
    log_to_stderr(config.log);
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => code(runtime.block_on(perform(&command, &config))),
        Err(error) => code(Err(error)),
    }
}

fn code(result: io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Others than ourselves are heard when something is wrong, whatever the level: what they say in
/// detail may hold what nobody is to read.
fn log_to_stderr(level: Level) {
    let targets = Targets::new().with_default(level.min(Level::WARN));
    let targets = targets.with_target("wizitime", level);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false);
    tracing_subscriber::registry().with(lines).with(targets).init();
}

async fn perform(command: &Command, config: &Config) -> io::Result<()> {
    let database = &config.database;
    match command {
        Command::Serve => run(config).await,
        Command::MigrateTo(url) => tell(maintenance::migrate_to(database, url).await),
        Command::Backup(to) => tell(maintenance::backup(database, to).await),
        Command::Restore { from, overwrite } => {
            tell(maintenance::restore(database, from, *overwrite).await)
        }
    }
}

fn tell(done: Result<String, CopyError>) -> io::Result<()> {
    io::stdout().write_all(done.map_err(io::Error::other)?.as_bytes())
}

async fn run(config: &Config) -> io::Result<()> {
    let app = App::start(config, PasswordCost::Standard).await.map_err(io::Error::other)?;
    let listener = TcpListener::bind(config.listen).await.map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on {}: {error}", config.listen))
    })?;
    let address = listener.local_addr()?;
    let stop = stop_signal()?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{GREETING}{address}")?;
    stdout.flush()?;
    drop(stdout);
    serve(listener, Arc::new(app), stop).await
}

/// Ends when the process is asked to stop.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use signal::unix::{SignalKind, signal};

    // Registered before anybody is told the address: no signal is missed after that.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        if let Err(error) = signal::ctrl_c().await {
            error!(%error, "the interrupt cannot be heard");
            std::future::pending::<()>().await;
        }
    })
}

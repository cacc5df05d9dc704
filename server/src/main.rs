//! The program: reads its configuration, listens, and stops when it is asked to.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::signal;
use tracing::{Level, error, info};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use wizitime_server::{
    App, Command, Config, CopyError, GREETING, LogFormat, PasswordCost, USAGE, healthcheck,
    maintenance, serve, watch,
};

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        return code(io::stdout().write_all(USAGE.as_bytes()));
    }
    let (command, config) = match Command::read(arguments, |name| std::env::var(name).ok()) {
        Ok(read) => read,
        Err(errors) => {
            log_to_stderr(Level::ERROR, LogFormat::Text);
            errors.iter().for_each(|error| error!("{error}"));
            return ExitCode::from(2);
        }
    };
    log_to_stderr(config.log, config.log_format);
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
fn log_to_stderr(level: Level, format: LogFormat) {
    let targets = Targets::new().with_default(level.min(Level::WARN));
    let targets = targets.with_target("wizitime", level);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false);
    let registry = tracing_subscriber::registry();
    match format {
        LogFormat::Text => registry.with(lines).with(targets).init(),
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true).with_span_list(false);
            registry.with(lines).with(targets).init();
        }
    }
}

async fn perform(command: &Command, config: &Config) -> io::Result<()> {
    let database = &config.database;
    match command {
        Command::Serve => run(config).await,
        Command::CheckConfig { told } => io::stdout().write_all(told.as_bytes()),
        Command::Healthcheck => {
            io::stdout().write_all(healthcheck::run(config.listen).await?.as_bytes())
        }
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
    let app = Arc::new(app);
    let listener = bind(config.listen).await?;
    if let Some(address) = config.metrics_listen {
        let listener = bind(address).await?;
        info!(address = %listener.local_addr()?, "the figures are at /metrics");
        let watching = watch(listener, Arc::clone(&app));
        tokio::spawn(async move {
            if let Err(error) = watching.await {
                error!(%error, "the figures cannot be read any more");
            }
        });
    }
    let address = listener.local_addr()?;
    let stop = stop_signal()?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{GREETING}{address}")?;
    stdout.flush()?;
    drop(stdout);
    serve(listener, app, stop).await;
    Ok(())
}

async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    })
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

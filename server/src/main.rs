//! The program: reads its configuration, runs a command, and shuts down on SIGTERM or SIGINT.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal;
use tracing::{Level, error, info};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use wizitime_server::{
    App, Command, Config, CopyError, Invocation, LogFormat, PasswordCost, READY_LINE, audit, bind,
    healthcheck, mail, maintenance, serve, serve_metrics, users,
};

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    let (command, config) = match Invocation::read(arguments, std::env::vars_os()) {
        Ok(Invocation::Run { command, config }) => (command, config),
        Ok(Invocation::Print(text)) => return exit_code(io::stdout().write_all(text.as_bytes())),
        Err(errors) => {
            init_logging(Level::ERROR, LogFormat::Text);
            errors.iter().for_each(|error| error!("{error}"));
            return ExitCode::from(2);
        }
    };
    init_logging(config.log, config.log_format);
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => exit_code(runtime.block_on(run_command(&command, &config))),
        Err(error) => exit_code(Err(error)),
    }
}

fn exit_code(result: io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Logs to standard error. Libraries are limited to WARN at every level, because their debug
/// output may contain secrets.
fn init_logging(level: Level, format: LogFormat) {
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

async fn run_command(command: &Command, config: &Config) -> io::Result<()> {
    let database = &config.database;
    match command {
        Command::Serve => run_server(config).await,
        Command::CheckConfig { description } => io::stdout().write_all(description.as_bytes()),
        Command::Healthcheck => {
            io::stdout().write_all(healthcheck::run(config.listen).await?.as_bytes())
        }
        Command::Compact => print_result(maintenance::compact(database).await),
        Command::MigrateTo(url) => print_result(maintenance::migrate_to(database, url).await),
        Command::Backup(to) => print_result(maintenance::backup(database, to).await),
        Command::User(command) => {
            let input = io::stdin().lock();
            let run = users::run(command, config, PasswordCost::Standard, input);
            let result = run.await;
            if let Some(report) = result.as_ref().err().and_then(users::UserError::report) {
                io::stdout().write_all(report.as_bytes())?;
            }
            io::stdout().write_all(result.map_err(io::Error::other)?.as_bytes())
        }
        Command::MailTest(command) => {
            let report = mail::run(command, config).await.map_err(io::Error::other)?;
            io::stdout().write_all(report.as_bytes())
        }
        Command::Audit(command) => {
            let report = audit::run(command, config).await.map_err(io::Error::other)?;
            io::stdout().write_all(report.as_bytes())
        }
        Command::Restore { from, overwrite } => {
            print_result(maintenance::restore(database, from, *overwrite).await)
        }
    }
}

fn print_result(result: Result<String, CopyError>) -> io::Result<()> {
    io::stdout().write_all(result.map_err(io::Error::other)?.as_bytes())
}

async fn run_server(config: &Config) -> io::Result<()> {
    let mut stop = Box::pin(stop_signal()?);
    // It may wait for the database.
    let app = tokio::select! {
        app = App::start(config, PasswordCost::Standard) => app.map_err(io::Error::other)?,
        () = &mut stop => return Ok(()),
    };
    let app = Arc::new(app);
    let listener = bind(config.listen).await?;
    if let Some(address) = config.metrics_listen {
        let listener = bind(address).await?;
        info!(address = %listener.local_addr()?, path = "/metrics", "metrics listening");
        let serving = serve_metrics(listener, Arc::clone(&app));
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                error!(%error, "metrics listener failed");
            }
        });
    }
    let address = listener.local_addr()?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{READY_LINE}{address}")?;
    stdout.flush()?;
    drop(stdout);
    serve(listener, app, stop).await;
    Ok(())
}

/// Completes on SIGTERM or SIGINT.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use signal::unix::{SignalKind, signal};

    // Registered before the ready line is printed, so that no signal after it is missed.
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
            error!(%error, "signal handler failed");
            std::future::pending::<()>().await;
        }
    })
}

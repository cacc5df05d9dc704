//! Waits for PostgreSQL, which may start after the server when the machine boots.

use std::io::ErrorKind;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::time::{sleep, timeout};
use tracing::warn;

use super::super::PostgresUrl;

/// How long one attempt to connect may take.
const ATTEMPT_TIMEOUT_MS: u64 = 10_000;
/// The wait after the first failed attempt. It doubles with each further one.
const FIRST_WAIT_MS: u64 = 250;
/// The longest wait between two attempts.
const WAIT_MS_MAX: u64 = 5_000;
/// PostgreSQL's codes while it starts or stops, and while it has no free connection (PostgreSQL,
/// appendix A).
const CANNOT_CONNECT_NOW: &str = "57P03";
const TOO_MANY_CONNECTIONS: &str = "53300";

/// Connects as soon as PostgreSQL accepts connections, without a limit. Any other error, such as a
/// wrong password, is returned at once.
pub(super) async fn connect(
    url: &PostgresUrl,
    options: &PgConnectOptions,
) -> sqlx::Result<PgConnection> {
    let mut wait_ms = FIRST_WAIT_MS;
    loop {
        let limit = Duration::from_millis(ATTEMPT_TIMEOUT_MS);
        let error = match timeout(limit, options.connect()).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) if is_not_running(&error) => error,
            Ok(Err(error)) => return Err(error),
            Err(elapsed) => sqlx::Error::Io(elapsed.into()),
        };
        warn!(database = %url, %error, retry_ms = wait_ms, "waiting for PostgreSQL");
        sleep(Duration::from_millis(wait_ms)).await;
        wait_ms = WAIT_MS_MAX.min(wait_ms * 2);
    }
}

/// Whether PostgreSQL may be starting: it, its socket, the network or the name service does not
/// answer yet.
fn is_not_running(error: &sqlx::Error) -> bool {
    if let sqlx::Error::Io(error) = error {
        let is_permanent = matches!(
            error.kind(),
            ErrorKind::PermissionDenied | ErrorKind::InvalidInput | ErrorKind::InvalidData
        );
        return !is_permanent;
    }
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == CANNOT_CONNECT_NOW || code == TOO_MANY_CONNECTIONS)
}

//! The server's log, read from its database while no server runs.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use wizitime_domain::{Envelope, UserId};

/// An account's events with their sequence numbers; the error is a violation.
pub(crate) async fn log(path: &Path, user_id: UserId) -> Result<Vec<(u64, Envelope)>, String> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut connection = options.connect().await.map_err(|error| unreadable(&error))?;
    let rows: Vec<(i64, String)> =
        sqlx::query_as("SELECT seq, json FROM events WHERE user_id = ? ORDER BY seq")
            .bind(&user_id.as_bytes()[..])
            .fetch_all(&mut connection)
            .await
            .map_err(|error| unreadable(&error))?;
    connection.close().await.map_err(|error| unreadable(&error))?;
    let read = |(seq, json): (i64, String)| {
        let envelope = Envelope::from_json(&json)
            .map_err(|_| format!("the log holds at {seq} what is no event: {json}"))?;
        Ok((seq.unsigned_abs(), envelope))
    };
    rows.into_iter().map(read).collect()
}

fn unreadable(error: &sqlx::Error) -> String {
    format!("the database cannot be read: {error}")
}

//! The audit events of an account.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use wizitime_domain::Timestamp;

use super::bearer;
use super::error::{ApiError, respond};
use crate::audit::AUDIT_PAGE_MAX;
use crate::state::App;

/// `GET /api/audit`: the newest events.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (user, _) = bearer::authenticate(&app, &headers).await?;
    let rows = app.storage.audit_rows_of(user.user_id, AUDIT_PAGE_MAX).await?;
    let events = rows.iter().map(|row| EventBody {
        at: row.at,
        event: &row.event,
        address: row.address.map(|it: IpAddr| it.to_string()),
    });
    Ok(respond(StatusCode::OK, &AuditBody { events: events.collect() }))
}

#[derive(Serialize)]
struct AuditBody<'a> {
    events: Vec<EventBody<'a>>,
}

#[derive(Serialize)]
struct EventBody<'a> {
    at: Timestamp,
    event: &'a str,
    /// None if the operator caused it with a command.
    address: Option<String>,
}

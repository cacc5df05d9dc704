//! What somebody has here: it can be taken along, and removed for good.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tracing::{info, warn};
use wizitime_domain::json::{JsonText, to_json};
use wizitime_domain::{Timestamp, UserId};
use wizitime_protocol::messages::ChangesPageRequest;

use super::error::ApiError;
use super::{bearer, body, devices, password};
use crate::app::App;
use crate::client_address::ClientAddress;
use crate::clock;
use crate::storage::{Logged, SignedIn, StorageError};

/// Events, or changed things, that are read at once.
const PAGE: usize = 1_000;

#[derive(Deserialize)]
struct Deletion {
    password: String,
}

/// `POST /api/delete_account`: the account and all that belongs to it.
pub(super) async fn delete_account(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let (signed_in, _) = bearer::signed_in(&app, &headers).await?;
    let Deletion { password } = body::json(&app, &headers, body).await?;
    password::confirm(&app, address, &signed_in, password).await?;
    app.storage.delete_account(signed_in.user_id).await?;
    app.registry.revoke_all(signed_in.user_id);
    info!(user = %signed_in.user_id, "the account was deleted");
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /api/export`: one thing on each line, as JSON. First the account and its devices, then
/// entries, projects and whatever else there is as they are now, then every event of the log as
/// its device wrote it.
pub(super) async fn export(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (signed_in, _) = bearer::signed_in(&app, &headers).await?;
    // The first lines are read before anything is answered, so that an error can still be told.
    let mut first = account_lines(&app, &signed_in).await?;
    let mut export = Export { app, user_id: signed_in.user_id, next: Next::Things { since: 0 } };
    first.extend(export.lines().await?);
    let rest = stream::unfold(Some(export), |export| async {
        let mut export = export?;
        match export.lines().await {
            Ok(Some(lines)) => Some((Ok(Bytes::from(lines)), Some(export))),
            Ok(None) => None,
            Err(error) => {
                warn!(user = %export.user_id, %error, "an export broke off");
                Some((Err(error), None))
            }
        }
    });
    let first = stream::once(async { Ok(Bytes::from(first)) });
    let content = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"wizitime-export.ndjson\""),
    ];
    Ok((content, Body::from_stream(stream::StreamExt::chain(first, rest))).into_response())
}

#[derive(Serialize)]
struct AccountLine<'a> {
    user_id: UserId,
    email: &'a str,
    exported_at: Timestamp,
}

async fn account_lines(app: &App, signed_in: &SignedIn) -> Result<String, StorageError> {
    let now = clock::now();
    let account =
        AccountLine { user_id: signed_in.user_id, email: &signed_in.email, exported_at: now };
    let mut lines = line("account", &to_json(&account));
    for device in app.storage.devices(signed_in.user_id, now).await? {
        lines += &line("device", &to_json(&devices::DeviceBody::new(&device, None)));
    }
    Ok(lines)
}

/// How far an export is.
struct Export {
    app: Arc<App>,
    user_id: UserId,
    next: Next,
}

enum Next {
    Things { since: u64 },
    Events { since: u64 },
    Nothing,
}

impl Export {
    /// The next lines; none when all are told.
    async fn lines(&mut self) -> Result<Option<String>, StorageError> {
        let storage = &self.app.storage;
        match self.next {
            Next::Things { since } => {
                let request =
                    ChangesPageRequest { epoch: Some(storage.epoch()), since, limit: PAGE };
                let page = storage.latest(self.user_id, &request).await?;
                self.next = match page.more {
                    true => Next::Things { since: page.cursor },
                    false => Next::Events { since: 0 },
                };
                let lines = page.into_entities().into_iter();
                Ok(Some(lines.map(|it| line(it.key().kind(), &it.to_json())).collect()))
            }
            Next::Events { since } => {
                let events = storage.events(self.user_id, since, PAGE as u32).await?;
                self.next = match events.last() {
                    Some(last) => Next::Events { since: last.seq },
                    None => Next::Nothing,
                };
                Ok(Some(events.iter().map(logged).collect()))
            }
            Next::Nothing => Ok(None),
        }
    }
}

fn logged(event: &Logged) -> String {
    let (seq, at): (u64, Timestamp) = (event.seq, event.received_at);
    // The text is the event's own, whichever version wrote it.
    format!("{{\"event\":{},\"seq\":{seq},\"received_at\":{}}}\n", event.json, at.as_ms())
}

fn line(kind: &str, json: &JsonText) -> String {
    format!("{{\"{kind}\":{}}}\n", json.as_str())
}

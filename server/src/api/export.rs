//! Export of all data of an account, as newline-delimited JSON.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use tracing::warn;
use wizitime_domain::json::{JsonText, to_json};
use wizitime_domain::{Timestamp, UserId};
use wizitime_protocol::messages::ChangesPageRequest;

use super::error::ApiError;
use super::{bearer, devices};
use crate::clock;
use crate::state::App;
use crate::storage::{LoggedEvent, OidcIdentity, OidcLink, SignedInUser, StorageError};

/// Entities, or events, that one database query reads.
const PAGE_ROWS_MAX: usize = 1_000;

/// `GET /api/export`: one JSON object per line. First the account, its devices and
/// its accounts of providers, then the current
/// entities (entries, projects and so on), then every event of the log as its device wrote it.
pub(super) async fn export(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (user, _) = bearer::authenticate(&app, &headers).await?;
    // The first page is read before the response starts, so that an error gets a status code.
    let mut first = account_lines(&app, &user).await?;
    let mut export =
        ExportStream { app, user_id: user.user_id, next: NextPage::Entities { since: 0 } };
    first.extend(export.next_lines().await?);
    let rest = stream::unfold(Some(export), |export| async {
        let mut export = export?;
        match export.next_lines().await {
            Ok(Some(lines)) => Some((Ok(Bytes::from(lines)), Some(export))),
            Ok(None) => None,
            Err(error) => {
                warn!(user = %export.user_id, %error, "export aborted");
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

/// An account of a provider with which the user signs in.
#[derive(Serialize)]
struct IdentityLine<'a> {
    issuer: &'a str,
    subject: &'a str,
    linked_at: Timestamp,
}

async fn account_lines(app: &App, user: &SignedInUser) -> Result<String, StorageError> {
    let now = clock::now();
    let account = AccountLine { user_id: user.user_id, email: &user.email, exported_at: now };
    let mut lines = line("account", &to_json(&account));
    for device in app.storage.devices(user.user_id, now).await? {
        lines += &line("device", &to_json(&devices::DeviceBody::new(&device, None)));
    }
    for link in app.storage.oidc_links(user.user_id).await? {
        let OidcLink { identity: OidcIdentity { issuer, subject }, linked_at } = &link;
        let identity = IdentityLine { issuer, subject, linked_at: *linked_at };
        lines += &line("identity", &to_json(&identity));
    }
    Ok(lines)
}

/// An export in progress.
struct ExportStream {
    app: Arc<App>,
    user_id: UserId,
    next: NextPage,
}

enum NextPage {
    Entities { since: u64 },
    Events { since: u64 },
    End,
}

impl ExportStream {
    /// The lines of the next page; none at the end.
    async fn next_lines(&mut self) -> Result<Option<String>, StorageError> {
        let storage = &self.app.storage;
        match self.next {
            NextPage::Entities { since } => {
                let request = ChangesPageRequest {
                    epoch: Some(storage.epoch()),
                    since,
                    limit: PAGE_ROWS_MAX,
                };
                let page = storage.changes_page(self.user_id, &request).await?;
                self.next = match page.more {
                    true => NextPage::Entities { since: page.cursor },
                    false => NextPage::Events { since: 0 },
                };
                let lines = page.into_entities().into_iter();
                Ok(Some(lines.map(|it| line(it.key().kind(), &it.to_json())).collect()))
            }
            NextPage::Events { since } => {
                let events = storage.events(self.user_id, since, PAGE_ROWS_MAX as u32).await?;
                self.next = match events.last() {
                    Some(last) => NextPage::Events { since: last.seq },
                    None => NextPage::End,
                };
                Ok(Some(events.iter().map(event_line).collect()))
            }
            NextPage::End => Ok(None),
        }
    }
}

fn event_line(event: &LoggedEvent) -> String {
    let (seq, at): (u64, Timestamp) = (event.seq, event.received_at);
    // The stored text is inserted as it is, so that events of every version are exported unchanged.
    format!("{{\"event\":{},\"seq\":{seq},\"received_at\":{}}}\n", event.json, at.as_ms())
}

fn line(kind: &str, value: &JsonText) -> String {
    format!("{{\"{kind}\":{}}}\n", value.as_str())
}

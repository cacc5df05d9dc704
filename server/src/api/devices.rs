//! The devices on which a user is signed in.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use wizitime_json::{JsonText, object};

use super::bearer;
use super::error::{ApiError, respond};
use crate::auth::TokenHash;
use crate::clock;
use crate::state::App;
use crate::storage::DeviceSession;

/// `GET /api/devices`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (user, hash) = bearer::authenticate(&app, &headers).await?;
    let devices = app.storage.devices(user.user_id, clock::now()).await?;
    let devices: Vec<JsonText> =
        devices.iter().map(|device| describe(device, Some(&hash))).collect();
    Ok(respond(StatusCode::OK, &object(|it| _ = it.member("devices", &devices))))
}

/// A device as JSON. With the hash of the requesting token, `current` says whether it is the
/// requesting device.
pub(super) fn describe(device: &DeviceSession, requester: Option<&TokenHash>) -> JsonText {
    object(|it| {
        it.member("device_id", &device.device_id)
            .member("signed_in_at", &device.created_at)
            .member("expires_at", &device.expires_at);
        if let Some(requester) = requester {
            it.member("current", &(device.hash == *requester));
        }
    })
}

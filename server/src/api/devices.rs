//! Where somebody is signed in.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use wizitime_json::{JsonText, object};

use super::bearer;
use super::error::{ApiError, respond};
use crate::app::App;
use crate::auth::TokenHash;
use crate::clock;
use crate::storage::SignedInDevice;

/// `GET /api/devices`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (signed_in, hash) = bearer::signed_in(&app, &headers).await?;
    let devices = app.storage.devices(signed_in.user_id, clock::now()).await?;
    let devices: Vec<JsonText> = devices.iter().map(|device| told(device, Some(&hash))).collect();
    Ok(respond(StatusCode::OK, &object(|it| _ = it.member("devices", &devices))))
}

/// A device, and whether it is the one that is asking, if that matters.
pub(super) fn told(device: &SignedInDevice, asking: Option<&TokenHash>) -> JsonText {
    object(|it| {
        it.member("device_id", &device.device_id)
            .member("signed_in_at", &device.created_at)
            .member("expires_at", &device.expires_at);
        if let Some(asking) = asking {
            it.member("current", &(device.hash == *asking));
        }
    })
}

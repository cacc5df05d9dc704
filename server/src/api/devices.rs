//! The devices on which a user is signed in.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use wizitime_domain::{DeviceId, Timestamp};

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
    let devices = devices.iter().map(|device| DeviceBody::new(device, Some(&hash))).collect();
    Ok(respond(StatusCode::OK, &DevicesBody { devices }))
}

#[derive(Serialize)]
struct DevicesBody {
    devices: Vec<DeviceBody>,
}

/// A device with a valid session.
#[derive(Serialize)]
pub(super) struct DeviceBody {
    device_id: DeviceId,
    signed_in_at: Timestamp,
    expires_at: Timestamp,
    /// Whether this is the requesting device; omitted in exports.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<bool>,
}

impl DeviceBody {
    pub(super) fn new(device: &DeviceSession, requester: Option<&TokenHash>) -> Self {
        Self {
            device_id: device.device_id,
            signed_in_at: device.created_at,
            expires_at: device.expires_at,
            current: requester.map(|requester| device.hash == *requester),
        }
    }
}

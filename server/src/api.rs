//! Accounts over HTTP. JSON in, JSON out; a bearer token, no cookies.

mod account;
mod bearer;
mod body;
mod cors;
mod devices;
mod error;
mod password;
mod possession;
mod socket_token;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

use crate::app::App;

/// The routes below `/api`.
pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/sign_up", post(account::sign_up))
        .route("/sign_in", post(account::sign_in))
        .route("/sign_out", post(account::sign_out))
        .route("/session", get(account::show_session))
        .route("/socket_token", post(socket_token::issue))
        .route("/password", post(password::change))
        .route("/devices", get(devices::list))
        .route("/export", get(possession::export))
        .route("/delete_account", post(possession::delete_account))
        .fallback(|| async { error::ApiError::NotFound })
        .method_not_allowed_fallback(|| async { error::ApiError::MethodNotAllowed })
        .layer(from_fn(cors::never_stored))
        .layer(from_fn_with_state(Arc::clone(app), cors::share))
}

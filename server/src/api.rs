//! The account API over HTTP: JSON bodies and bearer tokens. Only a sign-in with a provider has a
//! cookie, which is worth nothing without the code of that sign-in.

mod account;
mod audit;
mod bearer;
mod body;
mod cors;
mod delete_account;
mod devices;
mod endpoint;
mod error;
mod export;
mod oidc;
mod oidc_account;
mod password;
mod password_reset;
mod registration;
mod second_step;
mod set_password;
mod socket_token;
mod two_step;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

use crate::state::App;
pub use endpoint::Endpoint;

/// The routes below `/api`.
pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let routes = Endpoint::ALL.into_iter();
    routes
        .fold(Router::new(), |router, endpoint| router.route(endpoint.path(), endpoint.handler()))
        .fallback(|| async { error::ApiError::NotFound })
        .method_not_allowed_fallback(|| async { error::ApiError::MethodNotAllowed })
        .layer(from_fn_with_state(Arc::clone(app), cors::require_accepted_page))
        .layer(from_fn(cors::no_store))
        .layer(from_fn_with_state(Arc::clone(app), cors::cors))
}

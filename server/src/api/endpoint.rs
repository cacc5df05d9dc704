//! The list of endpoints below `/api`. The router and the tests that cover every endpoint use it.

use std::sync::Arc;

use axum::routing::{MethodRouter, get, post};

use super::{account, delete_account, devices, export, password, socket_token};
use crate::state::App;

/// An endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    SignUp,
    SignIn,
    SignOut,
    Session,
    SocketToken,
    Password,
    Devices,
    Export,
    DeleteAccount,
}

impl Endpoint {
    /// All endpoints.
    pub const ALL: [Self; 9] = [
        Self::SignUp,
        Self::SignIn,
        Self::SignOut,
        Self::Session,
        Self::SocketToken,
        Self::Password,
        Self::Devices,
        Self::Export,
        Self::DeleteAccount,
    ];

    /// The path below `/api`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::SignUp => "/sign_up",
            Self::SignIn => "/sign_in",
            Self::SignOut => "/sign_out",
            Self::Session => "/session",
            Self::SocketToken => "/socket_token",
            Self::Password => "/password",
            Self::Devices => "/devices",
            Self::Export => "/export",
            Self::DeleteAccount => "/delete_account",
        }
    }

    /// The HTTP method.
    pub const fn method(self) -> &'static str {
        match self {
            Self::Session | Self::Devices | Self::Export => "GET",
            Self::SignUp
            | Self::SignIn
            | Self::SignOut
            | Self::SocketToken
            | Self::Password
            | Self::DeleteAccount => "POST",
        }
    }

    pub(super) fn handler(self) -> MethodRouter<Arc<App>> {
        match self {
            Self::SignUp => post(account::sign_up),
            Self::SignIn => post(account::sign_in),
            Self::SignOut => post(account::sign_out),
            Self::Session => get(account::show_session),
            Self::SocketToken => post(socket_token::issue),
            Self::Password => post(password::change_password),
            Self::Devices => get(devices::list),
            Self::Export => get(export::export),
            Self::DeleteAccount => post(delete_account::delete_account),
        }
    }
}

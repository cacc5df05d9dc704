//! The list of endpoints below `/api`. The router and the tests that cover every endpoint use it.

use std::sync::Arc;

use axum::routing::{MethodRouter, get, post};

use super::{
    account, audit, delete_account, devices, export, oidc, password, password_reset, registration,
    set_password, socket_token, two_step,
};
use crate::oidc::OIDC_CALLBACK;
use crate::state::App;

/// An endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Registration,
    SignUp,
    SignIn,
    OidcStart,
    OidcCallback,
    OidcFinish,
    SignOut,
    Session,
    SocketToken,
    Password,
    SetPassword,
    PasswordReset,
    TwoStep,
    BeginTwoStep,
    ConfirmTwoStep,
    DisableTwoStep,
    RecoveryCodes,
    Devices,
    Audit,
    Export,
    DeleteAccount,
}

impl Endpoint {
    /// All endpoints.
    pub const ALL: [Self; 21] = [
        Self::Registration,
        Self::SignUp,
        Self::SignIn,
        Self::OidcStart,
        Self::OidcCallback,
        Self::OidcFinish,
        Self::SignOut,
        Self::Session,
        Self::SocketToken,
        Self::Password,
        Self::SetPassword,
        Self::PasswordReset,
        Self::TwoStep,
        Self::BeginTwoStep,
        Self::ConfirmTwoStep,
        Self::DisableTwoStep,
        Self::RecoveryCodes,
        Self::Devices,
        Self::Audit,
        Self::Export,
        Self::DeleteAccount,
    ];

    /// The path below `/api`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Registration => "/registration",
            Self::SignUp => "/sign_up",
            Self::SignIn => "/sign_in",
            Self::OidcStart => "/oidc/start",
            Self::OidcCallback => OIDC_CALLBACK,
            Self::OidcFinish => "/oidc/finish",
            Self::SignOut => "/sign_out",
            Self::Session => "/session",
            Self::SocketToken => "/socket_token",
            Self::Password => "/password",
            Self::SetPassword => "/set_password",
            Self::PasswordReset => "/password_reset",
            Self::TwoStep => "/two_step",
            Self::BeginTwoStep => "/begin_two_step",
            Self::ConfirmTwoStep => "/confirm_two_step",
            Self::DisableTwoStep => "/disable_two_step",
            Self::RecoveryCodes => "/recovery_codes",
            Self::Devices => "/devices",
            Self::Audit => "/audit",
            Self::Export => "/export",
            Self::DeleteAccount => "/delete_account",
        }
    }

    /// The HTTP method.
    pub const fn method(self) -> &'static str {
        match self {
            Self::Registration
            | Self::OidcStart
            | Self::OidcCallback
            | Self::Session
            | Self::TwoStep
            | Self::Devices
            | Self::Audit
            | Self::Export => "GET",
            Self::SignUp
            | Self::SignIn
            | Self::OidcFinish
            | Self::SignOut
            | Self::SocketToken
            | Self::Password
            | Self::SetPassword
            | Self::PasswordReset
            | Self::BeginTwoStep
            | Self::ConfirmTwoStep
            | Self::DisableTwoStep
            | Self::RecoveryCodes
            | Self::DeleteAccount => "POST",
        }
    }

    pub(super) fn handler(self) -> MethodRouter<Arc<App>> {
        match self {
            Self::Registration => get(registration::show),
            Self::SignUp => post(account::sign_up),
            Self::SignIn => post(account::sign_in),
            Self::OidcStart => get(oidc::start),
            Self::OidcCallback => get(oidc::callback),
            Self::OidcFinish => post(oidc::finish),
            Self::SignOut => post(account::sign_out),
            Self::Session => get(account::show_session),
            Self::SocketToken => post(socket_token::issue),
            Self::Password => post(password::change_password),
            Self::SetPassword => post(set_password::set_password),
            Self::PasswordReset => post(password_reset::request),
            Self::TwoStep => get(two_step::show),
            Self::BeginTwoStep => post(two_step::begin),
            Self::ConfirmTwoStep => post(two_step::confirm),
            Self::DisableTwoStep => post(two_step::disable),
            Self::RecoveryCodes => post(two_step::replace_recovery_codes),
            Self::Devices => get(devices::list),
            Self::Audit => get(audit::list),
            Self::Export => get(export::export),
            Self::DeleteAccount => post(delete_account::delete_account),
        }
    }
}

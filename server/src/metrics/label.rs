//! Metric labels.

use std::fmt;
use std::hash::Hash;

use axum::http::StatusCode;
use prometheus_client::encoding::{EncodeLabel as _, EncodeLabelSet, LabelSetEncoder};
use wizitime_hub::Job;
use wizitime_protocol::messages::Reason;

/// A label: a closed set of values.
pub(crate) trait Label:
    Copy + fmt::Debug + Eq + Hash + EncodeLabelSet + Send + Sync + 'static
{
    /// All values.
    fn all() -> Vec<Self>;
}

macro_rules! label {
    ($(#[$doc:meta])* $name:ident as $label:literal { $($value:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum $name {
            $($value,)*
        }

        impl $name {
            const ALL: &'static [Self] = &[$(Self::$value,)*];

            const fn value(self) -> &'static str {
                match self {
                    $(Self::$value => $text,)*
                }
            }
        }

        impl Label for $name {
            fn all() -> Vec<Self> {
                Self::ALL.to_vec()
            }
        }

        impl EncodeLabelSet for $name {
            fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
                ($label, self.value()).encode(encoder.encode_label())
            }
        }
    };
}

label! {
    /// The route pattern of a request; never the path, which clients choose.
    Route as "route" {
        Health = "/health",
        Ready = "/ready",
        Socket = "/socket/websocket",
        SignUp = "/api/sign_up",
        SignIn = "/api/sign_in",
        OidcStart = "/api/oidc/start",
        OidcCallback = "/api/oidc/callback",
        OidcFinish = "/api/oidc/finish",
        SignOut = "/api/sign_out",
        Registration = "/api/registration",
        Session = "/api/session",
        SocketToken = "/api/socket_token",
        Password = "/api/password",
        SetPassword = "/api/set_password",
        PasswordReset = "/api/password_reset",
        TwoStep = "/api/two_step",
        BeginTwoStep = "/api/begin_two_step",
        ConfirmTwoStep = "/api/confirm_two_step",
        DisableTwoStep = "/api/disable_two_step",
        RecoveryCodes = "/api/recovery_codes",
        Devices = "/api/devices",
        Audit = "/api/audit",
        Export = "/api/export",
        DeleteAccount = "/api/delete_account",
        OtherApi = "/api/*",
        App = "app",
    }
}

label! {
    /// The class of a status code.
    StatusClass as "status" {
        Informational = "1xx",
        Success = "2xx",
        Redirection = "3xx",
        ClientError = "4xx",
        ServerError = "5xx",
    }
}

label! {
    /// The status of a reply.
    ReplyStatus as "status" {
        Ok = "ok",
        Error = "error",
    }
}

label! {
    /// The outcome of a BULK_EVENT.
    BatchOutcome as "outcome" {
        Committed = "committed",
        Rejected = "rejected",
        Malformed = "malformed",
        TooLarge = "too_large",
        TooFast = "too_fast",
        Quota = "quota",
        Unavailable = "unavailable",
        Internal = "internal",
        Other = "other",
    }
}

label! {
    /// Why a database operation failed.
    DbErrorKind as "kind" {
        Unavailable = "unavailable",
        TimedOut = "timed_out",
        Refused = "refused",
        Corrupt = "corrupt",
        Failed = "failed",
    }
}

label! {
    /// What became of a mail, or of an attempt to send it.
    MailOutcome as "outcome" {
        Sent = "sent",
        Delayed = "delayed",
        Failed = "failed",
        Dropped = "dropped",
    }
}

label! {
    /// The reached limit because of which a connection was refused.
    ConnectionRefusal as "limit" {
        Address = "address",
        Server = "server",
    }
}

label! {
    /// The message that a database job is for.
    MessageKind as "message" {
        Join = "phx_join",
        BulkEvent = "BULK_EVENT",
        GetLatestTimeEntries = "GET_LATEST_TIME_ENTRIES",
    }
}

/// A pair of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Labels2<A, B>(pub(crate) A, pub(crate) B);

impl<A: Label, B: Label> Label for Labels2<A, B> {
    fn all() -> Vec<Self> {
        A::all().into_iter().flat_map(|a| B::all().into_iter().map(move |b| Self(a, b))).collect()
    }
}

impl<A: EncodeLabelSet, B: EncodeLabelSet> EncodeLabelSet for Labels2<A, B> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        self.0.encode(encoder)?;
        self.1.encode(encoder)
    }
}

impl MessageKind {
    pub(crate) const fn of(job: &Job) -> Self {
        match job {
            Job::Head => Self::Join,
            Job::Append(_) => Self::BulkEvent,
            Job::ChangesPage(_) => Self::GetLatestTimeEntries,
        }
    }
}

impl Route {
    /// The route of a request from its matched pattern. A request without a match is for a file of
    /// the app, unless its path is below `/api`.
    pub(crate) fn of(matched: Option<&str>, path: &str) -> Self {
        let pattern = matched.map(|pattern| pattern.trim_end_matches('/'));
        let known = pattern
            .and_then(|pattern| Self::ALL.iter().copied().find(|route| route.value() == pattern));
        let is_api = path == "/api" || path.starts_with("/api/");
        known.unwrap_or(if is_api { Self::OtherApi } else { Self::App })
    }

    /// The route pattern.
    pub(crate) const fn template(self) -> &'static str {
        self.value()
    }

    /// Whether requests of the route are logged at debug level only.
    pub(crate) const fn is_quiet(self) -> bool {
        matches!(self, Self::Health | Self::Ready | Self::App)
    }
}

impl StatusClass {
    pub(crate) fn of(status: StatusCode) -> Self {
        match status.as_u16() / 100 {
            1 => Self::Informational,
            2 => Self::Success,
            3 => Self::Redirection,
            4 => Self::ClientError,
            _ => Self::ServerError,
        }
    }
}

impl BatchOutcome {
    pub(super) const fn of(error: Option<Reason>) -> Self {
        match error {
            None => Self::Committed,
            Some(Reason::Rejected) => Self::Rejected,
            Some(Reason::Malformed) => Self::Malformed,
            Some(Reason::TooLarge) => Self::TooLarge,
            Some(Reason::TooFast) => Self::TooFast,
            Some(Reason::Quota) => Self::Quota,
            Some(Reason::Unavailable) => Self::Unavailable,
            Some(Reason::Internal) => Self::Internal,
            Some(Reason::UnknownEvent | Reason::Other) => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Endpoint;

    #[test]
    fn every_route_has_a_label() {
        let source = include_str!("../router.rs");
        let public = source.split("pub(crate) fn metrics_router").next().unwrap();
        let others = public.split(".route(\"").skip(1);
        let others = others.map(|rest| rest.split('"').next().unwrap().to_owned());
        let endpoints = Endpoint::ALL.map(|endpoint| format!("/api{}", endpoint.path()));
        let paths: Vec<_> = others.chain(endpoints).collect();
        for path in &paths {
            let route = Route::of(Some(path), path);
            assert_eq!(route.template(), path.trim_end_matches('/'), "{path}: add a label");
        }
        assert!(paths.len() >= Route::ALL.len() - 2, "only {} routes were found", paths.len());
    }

    #[test]
    fn all_pairs_are_distinct() {
        let all = Labels2::<Route, StatusClass>::all();
        assert_eq!(all.len(), Route::ALL.len() * StatusClass::ALL.len());
        for (index, pair) in all.iter().enumerate() {
            assert!(!all[..index].contains(pair), "{pair:?}");
        }
    }

    #[test]
    fn paths_do_not_become_labels() {
        assert_eq!(Route::of(None, "/api/users/ada"), Route::OtherApi);
        assert_eq!(Route::of(None, "/apiary"), Route::App);
        assert_eq!(Route::of(Some("/api/{*rest}"), "/api/x"), Route::OtherApi);
        assert_eq!(Route::of(None, "/health"), Route::App, "only a matched pattern counts");
    }
}

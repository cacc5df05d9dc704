//! What figures are told apart by.

use axum::http::StatusCode;
use wizitime_protocol::messages::Reason;

/// A closed set of values.
pub(crate) trait Label: Copy {
    /// How many there are.
    const COUNT: usize;
    /// All of them, always in the same order.
    fn all() -> Vec<Self>;
    /// The place among all of them.
    fn index(self) -> usize;
    /// The value with its name, as in `status="ok"`.
    fn text(self) -> String;
}

macro_rules! label {
    ($(#[$doc:meta])* $name:ident as $label:literal { $($value:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
            const COUNT: usize = Self::ALL.len();

            fn all() -> Vec<Self> {
                Self::ALL.to_vec()
            }

            fn index(self) -> usize {
                self as usize
            }

            fn text(self) -> String {
                format!("{}=\"{}\"", $label, self.value())
            }
        }
    };
}

label! {
    /// Where a request went, by its pattern and never by its path.
    Route as "route" {
        Health = "/health",
        Ready = "/ready",
        Socket = "/socket/websocket",
        SignUp = "/api/sign_up",
        SignIn = "/api/sign_in",
        SignOut = "/api/sign_out",
        Session = "/api/session",
        SocketToken = "/api/socket_token",
        Password = "/api/password",
        Devices = "/api/devices",
        Export = "/api/export",
        DeleteAccount = "/api/delete_account",
        OtherApi = "/api/*",
        App = "app",
    }
}

label! {
    /// The first digit of a status.
    StatusClass as "status" {
        Informational = "1xx",
        Success = "2xx",
        Redirection = "3xx",
        ClientError = "4xx",
        ServerError = "5xx",
    }
}

label! {
    /// What became of a push.
    Reply as "status" {
        Ok = "ok",
        Error = "error",
    }
}

label! {
    /// What became of a BULK_EVENT.
    Outcome as "outcome" {
        Committed = "committed",
        Rejected = "rejected",
        Malformed = "malformed",
        TooLarge = "too_large",
        TooFast = "too_fast",
        Unavailable = "unavailable",
        Internal = "internal",
        Other = "other",
    }
}

label! {
    /// Why the database did not answer.
    Trouble as "kind" {
        Unavailable = "unavailable",
        TimedOut = "timed_out",
        Refused = "refused",
        Corrupt = "corrupt",
        Failed = "failed",
    }
}

/// Two labels together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct By<A, B>(pub(crate) A, pub(crate) B);

impl<A: Label, B: Label> Label for By<A, B> {
    const COUNT: usize = A::COUNT * B::COUNT;

    fn all() -> Vec<Self> {
        A::all().into_iter().flat_map(|a| B::all().into_iter().map(move |b| Self(a, b))).collect()
    }

    fn index(self) -> usize {
        self.0.index() * B::COUNT + self.1.index()
    }

    fn text(self) -> String {
        format!("{},{}", self.0.text(), self.1.text())
    }
}

impl Route {
    /// The route of a request whose path matched this pattern. What matched nothing is a file of
    /// the app, unless it is below `/api`.
    pub(crate) fn of(matched: Option<&str>, path: &str) -> Self {
        let pattern = matched.map(|pattern| pattern.trim_end_matches('/'));
        let known = pattern
            .and_then(|pattern| Self::ALL.iter().copied().find(|route| route.value() == pattern));
        let is_api = path == "/api" || path.starts_with("/api/");
        known.unwrap_or(if is_api { Self::OtherApi } else { Self::App })
    }

    /// The pattern.
    pub(crate) const fn template(self) -> &'static str {
        self.value()
    }

    /// Whether its requests are of interest only to those who look closely.
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

impl Outcome {
    pub(super) const fn of(refusal: Option<Reason>) -> Self {
        match refusal {
            None => Self::Committed,
            Some(Reason::Rejected) => Self::Rejected,
            Some(Reason::Malformed) => Self::Malformed,
            Some(Reason::TooLarge) => Self::TooLarge,
            Some(Reason::TooFast) => Self::TooFast,
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
    fn every_route_has_a_name_of_its_own() {
        let public = include_str!("../app.rs").split("pub fn watch_router").next().unwrap();
        let others = public.split(".route(\"").skip(1);
        let others = others.map(|rest| rest.split('"').next().unwrap().to_owned());
        let endpoints = Endpoint::ALL.map(|endpoint| format!("/api{}", endpoint.path()));
        let paths: Vec<_> = others.chain(endpoints).collect();
        for path in &paths {
            let route = Route::of(Some(path), path);
            assert_eq!(route.template(), path.trim_end_matches('/'), "{path}: name it");
        }
        assert!(paths.len() >= Route::ALL.len() - 2, "only {} were found", paths.len());
    }

    #[test]
    fn each_value_knows_its_place() {
        let all = By::<Route, StatusClass>::all();
        assert_eq!(all.len(), By::<Route, StatusClass>::COUNT);
        for (place, value) in all.into_iter().enumerate() {
            assert_eq!(value.index(), place, "{value:?}");
        }
    }

    #[test]
    fn no_path_becomes_a_name() {
        assert_eq!(Route::of(None, "/api/users/ada"), Route::OtherApi);
        assert_eq!(Route::of(None, "/apiary"), Route::App);
        assert_eq!(Route::of(Some("/api/{*rest}"), "/api/x"), Route::OtherApi);
        assert_eq!(Route::of(None, "/health"), Route::App, "what did not match is not it");
    }
}

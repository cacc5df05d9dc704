//! The cookie that binds a sign-in to the browser in which it began. It is the only one of this
//! server: a session has none.

use std::fmt;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::config::PublicUrl;

/// Browsers accept a name with this prefix only over HTTPS (RFC 6265bis).
const SECURE_PREFIX: &str = "__Secure-";
const NAME: &str = "wizitime_sign_in";
/// The endpoints that read it, below the app.
const PATH: &str = "api/oidc";

/// The name and the attributes of the cookie.
#[derive(Clone, Debug)]
pub(crate) struct SignInCookie {
    name: String,
    attributes: String,
}

/// The value has a character that is not allowed in a header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CookieError;

impl fmt::Display for CookieError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a header value")
    }
}

impl SignInCookie {
    /// The cookie of an app at this address. Scripts cannot read it, and it comes along when the
    /// provider sends the browser back, but with no other request of a foreign page.
    pub(super) fn new(url: &PublicUrl) -> Self {
        let (prefix, secure) = if url.is_https() { (SECURE_PREFIX, "; Secure") } else { ("", "") };
        Self {
            name: format!("{prefix}{NAME}"),
            attributes: format!("Path={}{PATH}; HttpOnly; SameSite=Lax{secure}", url.path()),
        }
    }

    /// The header that sets it for this long.
    ///
    /// # Errors
    /// If the value is not allowed.
    pub(crate) fn set(&self, value: &str, life_ms: i64) -> Result<HeaderValue, CookieError> {
        let Self { name, attributes } = self;
        let seconds = life_ms / 1_000;
        HeaderValue::try_from(format!("{name}={value}; Max-Age={seconds}; {attributes}"))
            .map_err(|_| CookieError)
    }

    /// The header that removes it.
    ///
    /// # Errors
    /// If a name is not allowed.
    pub(crate) fn remove(&self) -> Result<HeaderValue, CookieError> {
        self.set("", 0)
    }

    /// The value in a request.
    pub(crate) fn read<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|it| it.split_once('='));
        pairs.find_map(|(name, value)| (name.trim() == self.name).then_some(value.trim()))
    }
}

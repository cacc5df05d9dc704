//! Sign-in with an OpenID Connect provider: the authorization code flow with PKCE (RFC 7636), state
//! and nonce. `api/oidc.rs` has its endpoints.

mod cookie;
mod error_chain;
mod http;
mod pending;
mod provider;
mod settings;
mod sign_in_error;

use std::fmt;
use std::io;

use openidconnect::RedirectUrl;
use tracing::info;

use crate::config::{Config, PublicUrl};
pub(crate) use cookie::{CookieError, SignInCookie};
pub use http::PROVIDER_BODY_BYTES_MAX;
pub use pending::PENDING_LIFE_MS;
pub(crate) use pending::PendingSignIn;
pub use provider::{METADATA_LIFE_MS, METADATA_RETRY_MS};
pub(crate) use provider::{Provider, ProviderError, VerifiedUser};
pub use settings::{OidcSecret, OidcSettings};
pub use sign_in_error::SignInError;

/// The endpoint to which the provider sends browsers back, below `/api`.
pub(crate) const OIDC_CALLBACK: &str = "/oidc/callback";
/// How long the app may take to finish a sign-in after the provider has sent the browser back.
pub const OIDC_CODE_LIFE_MS: i64 = 2 * 60 * 1_000;

/// The sign-in with a provider, if it is configured.
#[derive(Debug)]
pub(crate) struct Oidc {
    pub(crate) settings: OidcSettings,
    pub(crate) provider: Provider,
    pub(crate) cookie: SignInCookie,
    pub(crate) public_url: PublicUrl,
}

/// The sign-in with a provider cannot be offered.
#[derive(Debug)]
pub enum OidcError {
    /// There are no certificate authorities to check the provider's certificate with.
    NoAuthorities(io::Error),
    /// The address to which the provider sends browsers back is no URL.
    Callback(String),
}

impl fmt::Display for OidcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAuthorities(error) => write!(
                f,
                "the sign-in provider's certificate cannot be checked: {error}; install the \
                 system's certificate authorities (ca-certificates)"
            ),
            Self::Callback(url) => {
                write!(f, "{url} is no URL to return to from the sign-in provider: set public_url")
            }
        }
    }
}

impl std::error::Error for OidcError {}

impl Oidc {
    /// The sign-in of a configuration. The provider is not requested.
    ///
    /// # Errors
    /// If it cannot be offered.
    pub(crate) fn from_config(config: &Config) -> Result<Option<Self>, OidcError> {
        let Some(settings) = config.oidc.clone() else { return Ok(None) };
        let callback = config.public_url.oidc_callback();
        info!(issuer = settings.issuer.as_str(), redirect_uri = callback, "sign-in provider");
        let redirect = RedirectUrl::new(callback.clone());
        let redirect = redirect.map_err(|_| OidcError::Callback(callback))?;
        let provider = Provider::new(settings.clone(), redirect);
        let provider = provider.map_err(OidcError::NoAuthorities)?;
        let public_url = config.public_url.clone();
        Ok(Some(Self { cookie: SignInCookie::new(&public_url), settings, provider, public_url }))
    }
}

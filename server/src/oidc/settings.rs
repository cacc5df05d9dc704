//! The settings of the provider.

use std::fmt;

use openidconnect::IssuerUrl;

/// The provider with which users can sign in, and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcSettings {
    /// The URL below which its discovery document is.
    pub issuer: IssuerUrl,
    /// The id of this server at the provider.
    pub client_id: String,
    pub client_secret: OidcSecret,
    /// What the sign-in button calls the provider.
    pub name: String,
    /// Whether a verified email opens the account that has it.
    pub link_by_email: bool,
    /// Whether users of the provider may create an account whatever `registration` is.
    pub sign_up: bool,
}

/// The secret of this server at the provider. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct OidcSecret(String);

impl OidcSecret {
    /// The secret with this text.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The plain text, to send to the provider.
    pub(super) fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OidcSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OidcSecret(…)")
    }
}

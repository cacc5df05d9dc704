//! The settings of the provider with which users can sign in.

use openidconnect::IssuerUrl;
use openidconnect::url::{Host, Url};

use super::error::{ConfigError, ConfigSource};
use super::key::Key;
use super::sources::Sources;
use super::values::invalid;
use super::{Config, Registration};
use crate::oidc::{OidcSecret, OidcSettings};

/// Without one of these there is no sign-in with a provider.
const REQUIRED: [Key; 3] = [Key::OidcIssuer, Key::OidcClientId, Key::OidcClientSecret];
/// The settings of the sign-in, which do nothing without the provider.
const OPTIONAL: [Key; 3] = [Key::OidcName, Key::OidcLinkByEmail, Key::OidcSignUp];
/// Characters of the provider's name on the button.
const NAME_CHARS_MAX: usize = 40;

type Parsed<T> = Result<T, ConfigError>;

/// The settings, if any of them is set.
pub(super) fn read(sources: &Sources, errors: &mut Vec<ConfigError>) -> Option<OidcSettings> {
    let issuer = sources.one(Key::OidcIssuer, issuer, errors);
    let client_id = sources.one(Key::OidcClientId, text, errors);
    let client_secret = sources.one(Key::OidcClientSecret, secret, errors);
    let name = sources.one(Key::OidcName, name, errors);
    let link_by_email = sources.one(Key::OidcLinkByEmail, flag, errors);
    let sign_up = sources.one(Key::OidcSignUp, flag, errors);
    let is_set = |key: &Key| sources.origin_of(*key).is_some();
    if !REQUIRED.iter().chain(&OPTIONAL).any(is_set) {
        return None;
    }
    let missing: Vec<_> =
        REQUIRED.iter().filter(|key| !is_set(key)).map(|key| key.name()).collect();
    if !missing.is_empty() {
        errors.push(ConfigError::OidcIncomplete(missing));
    }
    let issuer = issuer?;
    let host = issuer.url().host_str().unwrap_or_default().to_owned();
    Some(OidcSettings {
        issuer,
        client_id: client_id?,
        client_secret: client_secret?,
        name: name.unwrap_or(host),
        link_by_email: link_by_email.unwrap_or_default(),
        sign_up: sign_up.unwrap_or_default(),
    })
}

/// Checks the settings against the others.
pub(super) fn check(config: &Config, errors: &mut Vec<ConfigError>) {
    let links = config.oidc.as_ref().is_some_and(|oidc| oidc.link_by_email);
    if links && config.registration == Registration::Open {
        errors.push(ConfigError::OidcLinkByEmailWhileOpen);
    }
}

/// The issuer is compared with that of the provider's documents as it is written, so it is kept so.
fn issuer(source: &ConfigSource, value: &str) -> Parsed<IssuerUrl> {
    let issuer = IssuerUrl::new(value.to_owned()).ok().filter(|it| is_issuer(it.url()));
    issuer.ok_or_else(|| {
        invalid(source, value, "an https URL such as https://login.example.org/realms/main")
    })
}

/// Without TLS anyone between the server and the provider could sign in as any user, so only a
/// provider on this machine may do without.
fn is_issuer(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return false,
    };
    let is_plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    is_plain && (url.scheme() == "https" || (url.scheme() == "http" && is_loopback))
}

fn text(source: &ConfigSource, value: &str) -> Parsed<String> {
    if value.is_empty() {
        return Err(invalid(source, value, "a text that is not empty"));
    }
    Ok(value.to_owned())
}

fn secret(source: &ConfigSource, value: &str) -> Parsed<OidcSecret> {
    text(source, value).map(OidcSecret::new)
}

fn name(source: &ConfigSource, value: &str) -> Parsed<String> {
    let name = value.trim();
    let is_valid = !name.is_empty()
        && name.chars().count() <= NAME_CHARS_MAX
        && !name.chars().any(char::is_control);
    is_valid
        .then(|| name.to_owned())
        .ok_or_else(|| invalid(source, value, "a name of at most 40 characters"))
}

fn flag(source: &ConfigSource, value: &str) -> Parsed<bool> {
    value.parse().map_err(|_| invalid(source, value, "true or false"))
}

//! The address under which users open the app.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::auth::Token;
use crate::oidc::OIDC_CALLBACK;
use crate::origin::Origin;

/// An `http` or `https` URL without query and fragment. It ends with a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The address of a listener, from this machine.
    pub(super) fn of_listener(listen: SocketAddr) -> Self {
        let ip = match listen.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
        };
        Self(format!("http://{}/", SocketAddr::new(ip, listen.port())))
    }

    /// Parses an address of the app; none if it is no such URL.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let is_path = |it: char| it.is_ascii_alphanumeric() || "/-._~%".contains(it);
        format!("{scheme}://{host}").parse::<Origin>().ok()?;
        let path = path.trim_end_matches('/');
        let slash = if path.is_empty() { "" } else { "/" };
        path.chars().all(is_path).then(|| Self(format!("{scheme}://{host}/{path}{slash}")))
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, without the port.
    pub(crate) fn host(&self) -> &str {
        let authority = self.0.split('/').nth(2).unwrap_or_default();
        match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((ip, _)) => ip,
            None => authority.split(':').next().unwrap_or_default(),
        }
    }

    /// The link with which an invited user creates an account. Browsers do not send the part after
    /// the `#`, so no log has the token.
    pub(crate) fn invitation(&self, token: &Token) -> String {
        format!("{}account#invitation={}", self.0, token.expose_secret())
    }

    /// Whether browsers encrypt the connection.
    pub(crate) fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The path of the app. It begins and ends with a slash.
    pub(crate) fn path(&self) -> &str {
        let host = self.0.split_once("://").map_or(&*self.0, |(_, rest)| rest);
        host.find('/').map_or("/", |start| &host[start..])
    }

    /// Where the provider sends the browser back to.
    pub(crate) fn oidc_callback(&self) -> String {
        format!("{}api{}", self.0, OIDC_CALLBACK)
    }

    /// The page of the app that finishes a sign-in with a provider.
    pub(crate) fn sign_in(&self, code: &Token) -> String {
        format!("{}account#sign-in={}", self.0, code.expose_secret())
    }

    /// The page of the app that says why a sign-in with a provider failed.
    pub(crate) fn sign_in_error(&self, code: &str) -> String {
        format!("{}account#sign-in-error={code}", self.0)
    }

    /// The link with which a user sets the password.
    pub(crate) fn set_password(&self, token: &Token) -> String {
        format!("{}account#set-password={}", self.0, token.expose_secret())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_end_with_one_slash() {
        for (text, expected) in [
            ("https://time.example.org", "https://time.example.org/"),
            ("https://time.example.org/", "https://time.example.org/"),
            ("http://nas:8080/time//", "http://nas:8080/time/"),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().as_str(), expected);
        }
        for bad in ["", "time.example.org", "ftp://a", "https://", "https://a/?b", "https://a/#b"] {
            assert_eq!(PublicUrl::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn paths_begin_and_end_with_a_slash() {
        for (text, path) in [
            ("https://time.example.org", "/"),
            ("https://time.example.org/time", "/time/"),
            ("http://[::1]:80/a/b/", "/a/b/"),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().path(), path);
        }
    }

    #[test]
    fn host_has_neither_port_nor_brackets() {
        for (text, expected) in [
            ("https://time.example.org", "time.example.org"),
            ("http://nas:8080/time/", "nas"),
            ("http://192.0.2.1:80", "192.0.2.1"),
            ("http://[::1]:4000/", "::1"),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().host(), expected);
        }
    }

    #[test]
    fn url_of_a_listener_can_be_opened_on_this_machine() {
        for (listen, expected) in [
            ("127.0.0.1:4000", "http://127.0.0.1:4000/"),
            ("0.0.0.0:80", "http://127.0.0.1:80/"),
            ("[::]:80", "http://[::1]:80/"),
        ] {
            assert_eq!(PublicUrl::of_listener(listen.parse().unwrap()).as_str(), expected);
        }
    }
}

//! The address under which users open the app.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::auth::Token;
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

    pub(super) fn parse(text: &str) -> Option<Self> {
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

    /// The link with which an invited user creates an account. Browsers do not send the part after
    /// the `#`, so no log has the token.
    pub(crate) fn invitation(&self, token: &Token) -> String {
        format!("{}account#invitation={}", self.0, token.expose_secret())
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

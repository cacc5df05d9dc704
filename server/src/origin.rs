//! Web origins: the scheme, host and port that a page was loaded from.

use std::fmt;
use std::str::FromStr;

/// An origin (RFC 6454), in lower case and without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// The text is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseOriginError;

impl fmt::Display for ParseOriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an origin: expected one such as https://time.example.org")
    }
}

impl std::error::Error for ParseOriginError {}

impl Origin {
    /// The origin as serialized by browsers.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host without the port.
    pub fn host(&self) -> &str {
        let authority = self.0.split_once("://").map_or(&*self.0, |(_, authority)| authority);
        host_of(authority)
    }
}

impl FromStr for Origin {
    type Err = ParseOriginError;

    fn from_str(text: &str) -> Result<Self, ParseOriginError> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_suffix('/').unwrap_or(&text);
        let (scheme, authority) = text.split_once("://").ok_or(ParseOriginError)?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
        let is_valid = ["http", "https"].contains(&scheme)
            && !authority.is_empty()
            && authority.bytes().all(is_plain);
        if is_valid { Ok(Self(text.to_owned())) } else { Err(ParseOriginError) }
    }
}

/// The host of `host:port`; the host may be an IPv6 address in brackets.
pub(crate) fn host_of(authority: &str) -> &str {
    if authority.starts_with('[') {
        return authority.find(']').map_or(authority, |end| &authority[..=end]);
    }
    authority.split_once(':').map_or(authority, |(host, _)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_parsed_and_expose_their_host() {
        let origin: Origin = "HTTPS://Time.Example.org:8443/".parse().unwrap();
        assert_eq!(origin.as_str(), "https://time.example.org:8443");
        assert_eq!(origin.host(), "time.example.org");
        assert_eq!("http://[::1]:4000".parse::<Origin>().unwrap().host(), "[::1]");
        for bad in ["", "null", "example.org", "ftp://a", "http://", "http://a/b", "http://a b"] {
            assert_eq!(bad.parse::<Origin>(), Err(ParseOriginError), "{bad}");
        }
    }
}

//! The option with the mail server: `smtp://USER:PASSWORD@HOST:PORT`, or `smtps://` for TLS from
//! the first byte.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

/// The submission port, with STARTTLS (RFC 6409 §3.1).
const STARTTLS_PORT: u16 = 587;
/// The submission port with TLS from the first byte (RFC 8314 §3.3).
const TLS_PORT: u16 = 465;
/// The port of a mail server on the same machine.
const LOCAL_PORT: u16 = 25;
/// The only parameter, and its values.
const TLS_PARAMETER: &str = "tls";
const TLS_REQUIRED: &str = "required";
const TLS_NONE: &str = "none";

/// A mail server. `Display` and `Debug` omit the password.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    host: String,
    port: u16,
    encryption: Encryption,
    login: Option<Login>,
}

/// How the connection is encrypted. There is no fallback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    /// TLS from the first byte.
    Tls,
    /// TLS after the command STARTTLS.
    StartTls,
    /// None.
    None,
}

/// The name and the password of the server at the mail server.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: String,
}

/// The text is not a mail server. The text itself is omitted, because it may contain a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseSmtpUrlError {
    /// Another scheme, or none.
    Scheme,
    /// The user's name or the password contains a character that ends them in a URL.
    Unescaped(char),
    /// There is a name without a password, or the other way round.
    Login,
    /// The user's name or the password has escapes that are not UTF-8.
    Escape,
    /// The host is missing or invalid.
    Host,
    /// The port is no number.
    Port,
    /// A parameter other than `tls`, or `tls` with `smtps://`.
    Parameter,
    /// `tls` is neither `required` nor `none`.
    Tls,
}

impl SmtpUrl {
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    pub(super) const fn encryption(&self) -> Encryption {
        self.encryption
    }

    pub(super) const fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// Host and port.
    pub(super) fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for SmtpUrl {
    type Err = ParseSmtpUrlError;

    fn from_str(text: &str) -> Result<Self, ParseSmtpUrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(ParseSmtpUrlError::Scheme)?;
        let is_tls = match scheme {
            "smtps" => true,
            "smtp" => false,
            _ => return Err(ParseSmtpUrlError::Scheme),
        };
        let (location, parameter) = delimited(rest)?;
        let (login, location) = match location.rsplit_once('@') {
            Some((login, location)) => (Some(parse_login(login)?), location),
            None => (None, location),
        };
        let (host, port) = parse_host(location.strip_suffix('/').unwrap_or(location))?;
        let encryption = match (is_tls, parameter) {
            (true, None) => Encryption::Tls,
            (true, Some(_)) => return Err(ParseSmtpUrlError::Parameter),
            (false, None) if is_loopback(&host) => Encryption::None,
            (false, None) => Encryption::StartTls,
            (false, Some(parameter)) => parse_tls(parameter)?,
        };
        let port = port.unwrap_or(match encryption {
            Encryption::Tls => TLS_PORT,
            Encryption::None if is_loopback(&host) => LOCAL_PORT,
            Encryption::StartTls | Encryption::None => STARTTLS_PORT,
        });
        Ok(Self { host, port, encryption, login })
    }
}

/// The part before the parameter and the parameter, if nothing suggests that the user's name or the
/// password ended too early, at a character that must be escaped (RFC 3986 §3.2.1).
fn delimited(rest: &str) -> Result<(&str, Option<&str>), ParseSmtpUrlError> {
    if rest.contains('#') {
        return Err(ParseSmtpUrlError::Unescaped('#'));
    }
    let (location, parameter) = match rest.split_once('?') {
        Some((location, parameter)) => (location, Some(parameter)),
        None => (rest, None),
    };
    if parameter.is_some_and(|parameter| parameter.contains('@')) {
        return Err(ParseSmtpUrlError::Unescaped('?'));
    }
    if location.split_once('/').is_some_and(|(_, path)| path.contains('@')) {
        return Err(ParseSmtpUrlError::Unescaped('/'));
    }
    Ok((location, parameter))
}

fn parse_login(text: &str) -> Result<Login, ParseSmtpUrlError> {
    let (user, password) = text.split_once(':').ok_or(ParseSmtpUrlError::Login)?;
    let decode = |part: &str| {
        let decoded = percent_decode_str(part).decode_utf8();
        decoded.map(|it| it.into_owned()).map_err(|_| ParseSmtpUrlError::Escape)
    };
    let login = Login { user: decode(user)?, password: decode(password)? };
    if login.user.is_empty() || login.password.is_empty() {
        return Err(ParseSmtpUrlError::Login);
    }
    Ok(login)
}

fn parse_host(text: &str) -> Result<(String, Option<u16>), ParseSmtpUrlError> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or(ParseSmtpUrlError::Host)?;
            let ip = host.parse::<IpAddr>().map_err(|_| ParseSmtpUrlError::Host)?;
            let port = match port {
                "" => None,
                port => Some(port.strip_prefix(':').ok_or(ParseSmtpUrlError::Port)?),
            };
            (ip.to_string(), port)
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host.to_owned(), Some(port)),
            None => (text.to_owned(), None),
        },
    };
    let is_name = |it: char| it.is_ascii_alphanumeric() || "-._".contains(it);
    let is_ip = host.parse::<IpAddr>().is_ok();
    if host.is_empty() || !(is_ip || host.chars().all(is_name)) {
        return Err(ParseSmtpUrlError::Host);
    }
    let port = port.map(|port| port.parse().map_err(|_| ParseSmtpUrlError::Port)).transpose()?;
    if port == Some(0) { Err(ParseSmtpUrlError::Port) } else { Ok((host, port)) }
}

fn parse_tls(parameter: &str) -> Result<Encryption, ParseSmtpUrlError> {
    match parameter.split_once('=') {
        Some((TLS_PARAMETER, TLS_REQUIRED)) => Ok(Encryption::StartTls),
        Some((TLS_PARAMETER, TLS_NONE)) => Ok(Encryption::None),
        Some((TLS_PARAMETER, _)) => Err(ParseSmtpUrlError::Tls),
        Some(_) | None => Err(ParseSmtpUrlError::Parameter),
    }
}

/// Whether the connection stays on this machine.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.encryption == Encryption::Tls { "smtps" } else { "smtp" };
        write!(f, "{scheme}://")?;
        if let Some(login) = &self.login {
            write!(f, "{}@", login.user)?;
        }
        write!(f, "{}", self.address())?;
        match self.encryption {
            Encryption::Tls => Ok(()),
            Encryption::StartTls => write!(f, "?{TLS_PARAMETER}={TLS_REQUIRED}"),
            Encryption::None => write!(f, "?{TLS_PARAMETER}={TLS_NONE}"),
        }
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ParseSmtpUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => f.write_str("expected a URL that begins with smtps:// or smtp://"),
            Self::Unescaped(character) => write!(
                f,
                "the URL contains {character:?}; in a name or a password write it as %{:02X}",
                u32::from(*character)
            ),
            Self::Login => f.write_str("expected USER:PASSWORD before the @"),
            Self::Escape => {
                f.write_str("a name or a password has an invalid escape; write % as %25")
            }
            Self::Host => f.write_str("expected a host name or an address"),
            Self::Port => f.write_str("expected a port such as 587 after the host"),
            Self::Parameter => f.write_str(
                "expected nothing after the port, or ?tls=required or ?tls=none after smtp://",
            ),
            Self::Tls => f.write_str("tls is required or none"),
        }
    }
}

impl std::error::Error for ParseSmtpUrlError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<SmtpUrl, ParseSmtpUrlError> {
        text.parse()
    }

    #[test]
    fn connections_are_encrypted_except_on_this_machine() {
        for (text, printed) in [
            ("smtp://mail.example.org", "smtp://mail.example.org:587?tls=required"),
            ("smtp://mail.example.org:25/", "smtp://mail.example.org:25?tls=required"),
            ("smtps://mail.example.org", "smtps://mail.example.org:465"),
            ("smtp://mail.example.org?tls=none", "smtp://mail.example.org:587?tls=none"),
            ("smtp://localhost", "smtp://localhost:25?tls=none"),
            ("smtp://127.0.0.1:2525", "smtp://127.0.0.1:2525?tls=none"),
            ("smtp://[::1]", "smtp://[::1]:25?tls=none"),
            ("smtp://localhost?tls=required", "smtp://localhost:587?tls=required"),
            ("smtp://192.0.2.1", "smtp://192.0.2.1:587?tls=required"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), printed);
        }
    }

    #[test]
    fn password_is_decoded_and_never_printed() {
        let url = parse("smtps://ada@example.org:ge%40h%25eim@mail.example.org:4650").unwrap();
        let login = url.login().unwrap();
        assert_eq!((&*login.user, &*login.password), ("ada@example.org", "ge@h%eim"));
        assert_eq!((url.host(), url.port()), ("mail.example.org", 4650));
        assert_eq!(format!("{url:?}"), "smtps://ada@example.org@mail.example.org:4650");
    }

    #[test]
    fn errors_do_not_quote_the_url() {
        for (text, expected) in [
            ("mail.example.org", ParseSmtpUrlError::Scheme),
            ("http://geheim@host", ParseSmtpUrlError::Scheme),
            ("smtp://ada:ge#heim@host", ParseSmtpUrlError::Unescaped('#')),
            ("smtp://ada:ge/heim@host", ParseSmtpUrlError::Unescaped('/')),
            ("smtp://ada:ge?heim@host", ParseSmtpUrlError::Unescaped('?')),
            ("smtp://geheim@host", ParseSmtpUrlError::Login),
            ("smtp://:geheim@host", ParseSmtpUrlError::Login),
            ("smtp://ada:geheim%ff@host", ParseSmtpUrlError::Escape),
            ("smtp://ada:geheim@", ParseSmtpUrlError::Host),
            ("smtp://ada:geheim@ho st", ParseSmtpUrlError::Host),
            ("smtp://host:geheim", ParseSmtpUrlError::Port),
            ("smtp://host:0", ParseSmtpUrlError::Port),
            ("smtp://[::1]25", ParseSmtpUrlError::Port),
            ("smtp://host?geheim=1", ParseSmtpUrlError::Parameter),
            ("smtps://host?tls=none", ParseSmtpUrlError::Parameter),
            ("smtp://host?tls=geheim", ParseSmtpUrlError::Tls),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(!format!("{error}{error:?}").contains("heim"), "{text}");
        }
    }
}

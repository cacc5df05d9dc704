//! The reverse proxies that the operator trusts to name the client of a request.

use std::net::{AddrParseError, IpAddr};

use ipnet::IpNet;
use tracing::warn;

/// The networks of trusted proxies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl FromIterator<IpNet> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

impl TrustedProxies {
    /// Whether the address is that of a trusted proxy. IPv4-mapped IPv6 addresses count as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The networks, as configured.
    pub fn networks(&self) -> &[IpNet] {
        &self.0
    }

    /// Warns about networks that trust every client.
    pub(crate) fn warn_of_open_networks(&self) {
        for network in self.0.iter().filter(|network| network.prefix_len() == 0) {
            warn!(
                %network,
                "trusted_proxies contains every address: any client can choose the address that \
                 limits count. Name only your proxies"
            );
        }
    }
}

/// Parses a network in CIDR notation (RFC 4632), such as `10.0.0.0/8`, or a single address.
///
/// # Errors
/// If the text is neither.
pub(crate) fn parse_network(text: &str) -> Result<IpNet, AddrParseError> {
    let text = text.trim();
    text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_addresses_are_parsed_and_matched() {
        for (text, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("10.1.2.3/8", "10.255.0.1", "11.0.0.1"),
            (" 10.1.2.3 ", "10.1.2.3", "10.1.2.4"),
            ("10.1.2.3", "::ffff:10.1.2.3", "::10.1.2.3"),
            ("192.0.2.128/25", "192.0.2.129", "192.0.2.127"),
            ("0.0.0.0/0", "255.0.0.1", "::1"),
            ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
            ("::1", "::1", "127.0.0.1"),
        ] {
            let proxies = TrustedProxies::from_iter([parse_network(text).unwrap()]);
            assert!(proxies.contains(inside.parse().unwrap()), "{text} {inside}");
            assert!(!proxies.contains(outside.parse().unwrap()), "{text} {outside}");
        }
        for bad in ["", "proxy", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129", "10.0.0.1:80"]
        {
            assert!(parse_network(bad).is_err(), "{bad}");
        }
    }
}

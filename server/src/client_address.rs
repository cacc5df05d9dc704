//! The client address of a request, also behind trusted proxies.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::state::App;
use crate::trusted_proxies::TrustedProxies;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Prefix length under which an IPv6 address is counted. A customer of a provider has a /56, and
/// can choose the rest freely.
const IPV6_PREFIX_BITS: u8 = 56;

/// The client's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientAddress {
    /// The whole address, for the audit log.
    pub(crate) ip: IpAddr,
    /// As counted by limits: IPv6 is reduced to its /56 prefix.
    pub(crate) limit_key: IpAddr,
}

impl FromRequestParts<Arc<App>> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        // Without connection info (another way of serving the router) all clients share one key.
        let peer = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |it| it.0.ip());
        let (client, is_ignored) = client(peer, &parts.headers, &app.trusted_proxies);
        if is_ignored {
            app.untrusted_proxies.found(peer.to_canonical());
        }
        Ok(Self { ip: client, limit_key: rate_limit_key(client) })
    }
}

/// Each proxy appends the address of its peer to `X-Forwarded-For`. The client is therefore the
/// last entry that is not a trusted proxy; the entries before it can be forged. Also returns
/// whether the header was ignored because the peer is not trusted.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> (IpAddr, bool) {
    let lines: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
    let mut entries = lines.iter().flat_map(|line| line.split(',')).rev().map(str::trim);
    let mut last = peer;
    while trusted.contains(last) {
        // Our proxies write only addresses: count the proxy itself for anything else.
        let Some(previous) = entries.next().and_then(|text| text.parse().ok()) else { break };
        last = previous;
    }
    (last.to_canonical(), !lines.is_empty() && !trusted.contains(peer))
}

/// The address, with the client-chosen bits of IPv6 cleared.
pub(crate) fn rate_limit_key(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let mask = u128::MAX << (128 - u32::from(IPV6_PREFIX_BITS));
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_entries_of_trusted_proxies_are_used() {
        let trusted = ["127.0.0.1/32", "10.0.0.0/8"].map(|text| text.parse().unwrap());
        let trusted = TrustedProxies::from_iter(trusted);
        for (peer, lines, expected) in [
            ("192.0.2.1", &[][..], "192.0.2.1"),
            ("192.0.2.1", &["198.51.100.7"], "192.0.2.1"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9", "198.51.100.7, 10.1.1.1"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9, unknown"], "127.0.0.1"),
            ("::ffff:127.0.0.1", &["2001:db8::7"], "2001:db8::7"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
            }
            let (found, is_ignored) = client(address(peer), &headers, &trusted);
            assert_eq!(found, address(expected), "{peer} {lines:?}");
            assert_eq!(is_ignored, peer == "192.0.2.1" && !lines.is_empty(), "{peer} {lines:?}");
        }
    }

    #[test]
    fn ipv6_prefix_counts_as_one_address() {
        assert_eq!(rate_limit_key(address("2001:db8:1:2ff:3:4:5:6")), address("2001:db8:1:200::"));
        assert_eq!(rate_limit_key(address("192.0.2.1")), address("192.0.2.1"));
    }
}

//! Warns when a proxy that is not configured forwards requests: then all of its clients share the
//! limits of one address.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use tracing::warn;

/// Peers that are named in a warning; anyone can send the header.
const PEERS_MAX: usize = 8;

/// The peers that sent `X-Forwarded-For` and are not trusted proxies. Each is named once.
#[derive(Debug, Default)]
pub(crate) struct UntrustedProxies(Mutex<BTreeSet<IpAddr>>);

impl UntrustedProxies {
    /// Notes a peer that sent the header.
    pub(crate) fn found(&self, peer: IpAddr) {
        let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if peers.len() < PEERS_MAX && peers.insert(peer) {
            warn!(
                %peer,
                "X-Forwarded-For ignored: {peer} is not in trusted_proxies, and all requests \
                 through it count as one client. If it is your proxy, start the server with \
                 --trusted-proxies {peer}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_limited_number_of_peers_is_named() {
        let proxies = UntrustedProxies::default();
        for number in 0..2 * PEERS_MAX {
            proxies.found(IpAddr::V4(Ipv4Addr::from(u32::try_from(number).unwrap())));
        }
        assert_eq!(proxies.0.lock().unwrap().len(), PEERS_MAX);
    }
}

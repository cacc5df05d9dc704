//! Limits on open HTTP connections, in total and per client address.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::client_address::rate_limit_key;
use crate::metrics::ConnectionRefusal;
use crate::trusted_proxies::TrustedProxies;

/// Connections of the server.
const SERVER_MAX: usize = 10_000;
/// Connections of one client address, which may be that of a large company.
const PER_ADDRESS_MAX: usize = 1_000;
/// Connections beyond [`SERVER_MAX`] on which only `/health` and `/ready` are answered.
const RESERVE: usize = 100;

/// How many HTTP connections may be open. WebSockets do not count here, see
/// [`SocketLimits`](crate::SocketLimits).
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Of all clients.
    pub server: usize,
    /// Of one client address; an IPv6 /56 counts as one. Trusted proxies have no such limit,
    /// because all clients share their address.
    pub per_address: usize,
    /// Beyond `server`, only for `/health` and `/ready`.
    pub reserve: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self { server: SERVER_MAX, per_address: PER_ADDRESS_MAX, reserve: RESERVE }
    }
}

/// What is answered on an accepted connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// All requests.
    All,
    /// Only `/health` and `/ready`: the connection is in the reserve.
    HealthOnly,
}

/// The open connections.
#[derive(Debug)]
pub(crate) struct ConnectionSlots {
    limits: ConnectionLimits,
    trusted_proxies: TrustedProxies,
    /// The connections of each address that is not a trusted proxy's.
    by_address: Mutex<BTreeMap<IpAddr, usize>>,
    /// The number of all connections. It changes only while `by_address` is locked.
    total: watch::Sender<usize>,
}

/// An open connection; dropping it makes room for another one.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Arc<ConnectionSlots>,
    /// None for a trusted proxy.
    address: Option<IpAddr>,
    pub(super) admission: Admission,
}

impl ConnectionSlots {
    pub(crate) fn new(limits: ConnectionLimits, trusted_proxies: TrustedProxies) -> Self {
        Self {
            limits,
            trusted_proxies,
            by_address: Mutex::default(),
            total: watch::Sender::default(),
        }
    }

    /// The number of open connections.
    pub(crate) fn open_count(&self) -> usize {
        *self.total.borrow()
    }

    /// Waits until exactly `count` connections are open.
    #[cfg(feature = "testing")]
    pub(crate) async fn wait_for_count(&self, count: usize) {
        // An error means that the sender was dropped, and with it every connection.
        let _ = self.total.subscribe().wait_for(|total| *total == count).await;
    }

    /// Takes a slot for a connection of this peer.
    ///
    /// # Errors
    /// If a limit is reached.
    pub(super) fn take(self: &Arc<Self>, peer: IpAddr) -> Result<Slot, ConnectionRefusal> {
        let is_proxy = self.trusted_proxies.contains(peer);
        let address = (!is_proxy).then(|| rate_limit_key(peer.to_canonical()));
        let mut by_address = self.lock();
        let of_address = address.and_then(|it| by_address.get(&it)).copied().unwrap_or(0);
        if of_address >= self.limits.per_address {
            return Err(ConnectionRefusal::Address);
        }
        let total = *self.total.borrow();
        let admission = if total < self.limits.server {
            Admission::All
        } else if total < self.limits.server.saturating_add(self.limits.reserve) {
            Admission::HealthOnly
        } else {
            return Err(ConnectionRefusal::Server);
        };
        self.total.send_modify(|total| *total += 1);
        if let Some(address) = address {
            by_address.insert(address, of_address + 1);
        }
        drop(by_address);
        Ok(Slot { slots: Arc::clone(self), address, admission })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<IpAddr, usize>> {
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut by_address = self.slots.lock();
        if let Some(address) = self.address
            && let Some(count) = by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&address);
            }
        }
        self.slots.total.send_modify(|total| *total -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn connections_are_bounded_per_address_and_in_total() {
        let limits = ConnectionLimits { server: 5, per_address: 2, reserve: 1 };
        let proxies = TrustedProxies::from_iter(["10.0.0.1/32".parse().unwrap()]);
        let slots = Arc::new(ConnectionSlots::new(limits, proxies));
        let take = |text| slots.take(address(text));
        let admission = |slot: &Result<Slot, _>| slot.as_ref().map(|slot| slot.admission).ok();
        let _first = take("192.0.2.1").unwrap();
        let second = take("::ffff:192.0.2.1").unwrap();
        assert_eq!(take("192.0.2.1").unwrap_err(), ConnectionRefusal::Address);
        // An IPv6 /56 counts as one address.
        let _in_prefix = [take("2001:db8:1:200::1").unwrap(), take("2001:db8:1:2ff::1").unwrap()];
        assert_eq!(take("2001:db8:1:201::").unwrap_err(), ConnectionRefusal::Address);
        drop(second);
        // All clients share the address of a proxy.
        let proxied = [take("10.0.0.1"), take("10.0.0.1"), take("10.0.0.1")];
        let expected = [Some(Admission::All), Some(Admission::All), Some(Admission::HealthOnly)];
        assert_eq!(proxied.each_ref().map(admission), expected);
        assert_eq!(take("198.51.100.1").unwrap_err(), ConnectionRefusal::Server);
        drop(proxied);
        assert_eq!(slots.open_count(), 3);
        assert_eq!(admission(&take("198.51.100.1")), Some(Admission::All));
    }
}

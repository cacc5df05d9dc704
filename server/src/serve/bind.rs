//! Opens a listener.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;
use tracing::warn;

/// Listens on an address. `[::]` is all addresses, so without IPv6 it is all of IPv4.
///
/// # Errors
/// If the address cannot be used; the error names it.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    bind_with(address, TcpListener::bind).await
}

async fn bind_with<T, F: Future<Output = io::Result<T>>>(
    address: SocketAddr,
    bind: impl Fn(SocketAddr) -> F,
) -> io::Result<T> {
    let named = |error: io::Error| {
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    };
    let error = match bind(address).await {
        Ok(listener) => return Ok(listener),
        Err(error) => error,
    };
    let is_other = [io::ErrorKind::AddrInUse, io::ErrorKind::PermissionDenied];
    if is_other.contains(&error.kind()) || !is_all_of_ipv6(address) {
        return Err(named(error));
    }
    let ipv4 = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), address.port());
    // The first error says more about the address that the operator wrote.
    let listener = bind(ipv4).await.map_err(|_| named(error))?;
    warn!("this machine has no IPv6: listening on {ipv4} instead of {address}");
    Ok(listener)
}

fn is_all_of_ipv6(address: SocketAddr) -> bool {
    address.is_ipv6() && address.ip().is_unspecified()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error of Linux without IPv6: address family not supported by protocol.
    const EAFNOSUPPORT: i32 = 97;

    async fn bind_without_ipv6(address: &str) -> Result<String, String> {
        let bind = |address: SocketAddr| async move {
            match address.is_ipv4() {
                true => Ok(address.to_string()),
                false => Err(io::Error::from_raw_os_error(EAFNOSUPPORT)),
            }
        };
        bind_with(address.parse().unwrap(), bind).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn all_addresses_are_those_of_ipv4_without_ipv6() {
        assert_eq!(bind_without_ipv6("[::]:4000").await, Ok("0.0.0.0:4000".to_owned()));
        assert_eq!(bind_without_ipv6("127.0.0.1:1").await, Ok("127.0.0.1:1".to_owned()));
        let error = bind_without_ipv6("[::1]:4000").await.unwrap_err();
        assert!(error.starts_with("cannot listen on [::1]:4000: "), "{error}");
    }

    #[tokio::test]
    async fn a_used_port_is_an_error_on_all_addresses() {
        let bind = |_| async { Err::<(), _>(io::Error::from(io::ErrorKind::AddrInUse)) };
        let error = bind_with("[::]:4000".parse().unwrap(), bind).await.unwrap_err();
        assert!(error.to_string().starts_with("cannot listen on [::]:4000: "), "{error}");
    }
}

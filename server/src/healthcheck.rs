//! The `healthcheck` command: requests `/ready` of the local server, for containers without an HTTP
//! client.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the response may take.
const TIMEOUT_MS: u64 = 3_000;
/// How much of the response is read.
const RESPONSE_BYTES_MAX: u64 = 4 * 1024;

/// Requests `/ready` of the server that listens on `listen`, and returns a line for the terminal.
///
/// # Errors
/// If the server does not respond in time, or is not ready.
pub async fn run(listen: SocketAddr) -> io::Result<String> {
    if listen.port() == 0 {
        let reason = format!("{listen} is not one port: set --listen to that of the server");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    let addresses = local_addresses(listen);
    let limit = Duration::from_millis(TIMEOUT_MS);
    let response = timeout(limit, request(&addresses)).await.map_err(|_| {
        io::Error::new(
            io::ErrorKind::TimedOut,
            format!("{listen} did not answer within {TIMEOUT_MS} ms"),
        )
    })?;
    let (address, response) = response.map_err(|error| {
        io::Error::new(error.kind(), format!("{listen}: {error}; does it run?"))
    })?;
    let status = response.split(' ').nth(1).unwrap_or_default();
    let reason = response.split_once("\r\n\r\n").map_or("", |(_, body)| body.trim());
    match status {
        "200" => Ok(format!("{address} is ready\n")),
        _ => Err(io::Error::other(format!("{address} is not ready: {status} {reason}"))),
    }
}

/// The addresses to try: loopback for a server that listens on all addresses. A server on `[::]`
/// also listens on IPv4, and only there without IPv6.
fn local_addresses(listen: SocketAddr) -> Vec<SocketAddr> {
    let (v4, v6) = (IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST));
    let ips = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => vec![v4],
        IpAddr::V6(ip) if ip.is_unspecified() => vec![v6, v4],
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => vec![ip],
    };
    ips.into_iter().map(|ip| SocketAddr::new(ip, listen.port())).collect()
}

async fn request(addresses: &[SocketAddr]) -> io::Result<(SocketAddr, String)> {
    let mut stream = TcpStream::connect(addresses).await?;
    let address = stream.peer_addr()?;
    let head = format!("GET /ready HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut response = Vec::new();
    stream.take(RESPONSE_BYTES_MAX).read_to_end(&mut response).await?;
    Ok((address, String::from_utf8_lossy(&response).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unspecified_address_is_requested_on_loopback() {
        for (listen, expected) in [
            ("0.0.0.0:4000", &["127.0.0.1:4000"][..]),
            ("[::]:4000", &["[::1]:4000", "127.0.0.1:4000"]),
            ("192.0.2.1:80", &["192.0.2.1:80"]),
        ] {
            let expected: Vec<SocketAddr> = expected.iter().map(|it| it.parse().unwrap()).collect();
            assert_eq!(local_addresses(listen.parse().unwrap()), expected);
        }
    }

    #[tokio::test]
    async fn a_port_that_the_system_selects_cannot_be_requested() {
        let error = run("127.0.0.1:0".parse().unwrap()).await.unwrap_err().to_string();
        assert!(error.contains("--listen"), "{error}");
    }
}

//! `healthcheck`: asks the server that listens here whether it is ready, for where there is no
//! other program that could.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the answer may take.
const ANSWER_MS: u64 = 3_000;
/// As much of the answer as is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 4 * 1024;

/// Says what the server that listens there answers to `/ready`.
///
/// # Errors
/// If it does not answer in time, or is not ready.
pub async fn run(listen: SocketAddr) -> io::Result<String> {
    let address = reachable(listen);
    let patience = Duration::from_millis(ANSWER_MS);
    let answer = timeout(patience, ask(address)).await.map_err(|_| {
        io::Error::new(
            io::ErrorKind::TimedOut,
            format!("{address} did not answer within {ANSWER_MS} ms"),
        )
    })?;
    let answer = answer.map_err(|error| {
        io::Error::new(error.kind(), format!("{address}: {error}; does it run?"))
    })?;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    let reason = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body.trim());
    match status {
        "200" => Ok(format!("{address} is ready\n")),
        _ => Err(io::Error::other(format!("{address} is not ready: {status} {reason}"))),
    }
}

/// Where a server that listens everywhere is reached from its own machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, listen.port())
}

async fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /ready HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_loopback() {
        for (listen, expected) in [
            ("0.0.0.0:4000", "127.0.0.1:4000"),
            ("[::]:4000", "[::1]:4000"),
            ("192.0.2.1:80", "192.0.2.1:80"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()), expected.parse().unwrap());
        }
    }
}

//! A minimal HTTP client to test the program.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Time limit for a response.
const RESPONSE_MS_MAX: u64 = 5_000;

/// An HTTP response.
pub(super) struct Response {
    pub(super) status: u16,
    head: String,
    pub(super) body: Vec<u8>,
}

impl Response {
    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Requests a path in a content encoding.
pub(super) fn get(address: SocketAddr, path: &str, encoding: &str) -> io::Result<Response> {
    let timeout = Some(Duration::from_millis(RESPONSE_MS_MAX));
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(timeout)?;
    stream.set_write_timeout(timeout)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         accept-encoding: {encoding}\r\n\r\n"
    )?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    parse(&response).ok_or_else(|| io::Error::other("not an HTTP response"))
}

fn parse(response: &[u8]) -> Option<Response> {
    let end = response.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&response[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Response { status, head, body: response[end + 4..].to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_is_parsed() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\x0b\r\n\r\n";
        let response = parse(text).unwrap();
        assert_eq!((response.status, response.header("content-encoding")), (200, Some("br")));
        assert_eq!(response.body, b"\x0b\r\n\r\n");
        assert!(parse(b"HTTP/1.1 200 OK").is_none());
    }
}

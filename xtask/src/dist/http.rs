//! As much of an HTTP client as it takes to look at what the program serves.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long the program may take to answer.
const ANSWER_MS: u64 = 5_000;

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Gets a path in an encoding.
pub(super) fn get(address: SocketAddr, path: &str, encoding: &str) -> io::Result<Answer> {
    let patience = Some(Duration::from_millis(ANSWER_MS));
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(patience)?;
    stream.set_write_timeout(patience)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         accept-encoding: {encoding}\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    read(&answer).ok_or_else(|| io::Error::other("the answer is no HTTP"))
}

fn read(answer: &[u8]) -> Option<Answer> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head, body: answer[end + 4..].to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\x0b\r\n\r\n";
        let answer = read(text).unwrap();
        assert_eq!((answer.status, answer.header("content-encoding")), (200, Some("br")));
        assert_eq!(answer.body, b"\x0b\r\n\r\n");
        assert!(read(b"HTTP/1.1 200 OK").is_none());
    }
}

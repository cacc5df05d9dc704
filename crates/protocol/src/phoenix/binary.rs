//! Binary frames of Phoenix V2: a kind byte, one length byte per text, the texts, the data.
//!
//! The two directions differ: a push of a client has a ref, a push of a server has none.

use std::fmt;

const PUSH: u8 = 0;
const REPLY: u8 = 1;
const BROADCAST: u8 = 2;

/// A binary frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BinaryFrame {
    /// A push of a client.
    ClientPush { join_ref: String, reference: String, topic: String, event: String, data: Vec<u8> },
    /// A message of the server to one channel.
    ServerPush { join_ref: String, topic: String, event: String, data: Vec<u8> },
    /// The server's reply to a push.
    Reply { join_ref: String, reference: String, topic: String, status: String, data: Vec<u8> },
    /// A message of the server to every subscriber of a topic.
    Broadcast { topic: String, event: String, data: Vec<u8> },
}

/// Why bytes cannot be decoded as, or a text cannot be encoded into, a binary frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryError {
    /// The bytes end within the header or a text.
    Truncated,
    /// The kind byte is unknown in this direction.
    UnknownKind(u8),
    /// A text is not UTF-8.
    NotUtf8,
    /// A text is longer than 255 bytes, the limit of its length byte.
    TooLong,
}

impl fmt::Display for BinaryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the binary frame is truncated"),
            Self::UnknownKind(kind) => write!(f, "unknown kind of binary frame: {kind}"),
            Self::NotUtf8 => f.write_str("a text of the binary frame is not UTF-8"),
            Self::TooLong => f.write_str("a text of the binary frame is longer than 255 bytes"),
        }
    }
}

impl std::error::Error for BinaryError {}

impl BinaryFrame {
    /// Encodes the frame.
    ///
    /// # Errors
    /// If a text is longer than 255 bytes.
    pub fn encode(&self) -> Result<Vec<u8>, BinaryError> {
        match self {
            Self::ClientPush { join_ref, reference, topic, event, data } => {
                encode(PUSH, &[join_ref, reference, topic, event], data)
            }
            Self::ServerPush { join_ref, topic, event, data } => {
                encode(PUSH, &[join_ref, topic, event], data)
            }
            Self::Reply { join_ref, reference, topic, status, data } => {
                encode(REPLY, &[join_ref, reference, topic, status], data)
            }
            Self::Broadcast { topic, event, data } => encode(BROADCAST, &[topic, event], data),
        }
    }

    /// Decodes a frame sent by a client.
    ///
    /// # Errors
    /// If the bytes are not a push.
    pub fn decode_from_client(bytes: &[u8]) -> Result<Self, BinaryError> {
        match bytes.split_first() {
            Some((&PUSH, rest)) => {
                let ([join_ref, reference, topic, event], data) = texts(rest)?;
                Ok(Self::ClientPush { join_ref, reference, topic, event, data })
            }
            Some((&kind, _)) => Err(BinaryError::UnknownKind(kind)),
            None => Err(BinaryError::Truncated),
        }
    }

    /// Decodes a frame sent by a server.
    ///
    /// # Errors
    /// If the bytes are not a push, reply or broadcast.
    pub fn decode_from_server(bytes: &[u8]) -> Result<Self, BinaryError> {
        match bytes.split_first() {
            Some((&PUSH, rest)) => {
                let ([join_ref, topic, event], data) = texts(rest)?;
                Ok(Self::ServerPush { join_ref, topic, event, data })
            }
            Some((&REPLY, rest)) => {
                let ([join_ref, reference, topic, status], data) = texts(rest)?;
                Ok(Self::Reply { join_ref, reference, topic, status, data })
            }
            Some((&BROADCAST, rest)) => {
                let ([topic, event], data) = texts(rest)?;
                Ok(Self::Broadcast { topic, event, data })
            }
            Some((&kind, _)) => Err(BinaryError::UnknownKind(kind)),
            None => Err(BinaryError::Truncated),
        }
    }
}

fn encode(kind: u8, texts: &[&str], data: &[u8]) -> Result<Vec<u8>, BinaryError> {
    let mut bytes = vec![kind];
    for text in texts {
        bytes.push(u8::try_from(text.len()).map_err(|_| BinaryError::TooLong)?);
    }
    for text in texts {
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend_from_slice(data);
    Ok(bytes)
}

fn texts<const N: usize>(bytes: &[u8]) -> Result<([String; N], Vec<u8>), BinaryError> {
    let (lengths, mut rest) = bytes.split_at_checked(N).ok_or(BinaryError::Truncated)?;
    let mut texts = [const { String::new() }; N];
    for (text, length) in texts.iter_mut().zip(lengths) {
        let (head, tail) =
            rest.split_at_checked(usize::from(*length)).ok_or(BinaryError::Truncated)?;
        *text = str::from_utf8(head).map_err(|_| BinaryError::NotUtf8)?.to_owned();
        rest = tail;
    }
    Ok((texts, rest.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn push_and_reply_match_the_bytes_traced_from_phoenix() {
        let push = BinaryFrame::ClientPush {
            join_ref: "1".into(),
            reference: "2".into(),
            topic: "users:1".into(),
            event: "bin_echo".into(),
            data: vec![1, 2, 3],
        };
        let bytes = b"\x00\x01\x01\x07\x0812users:1bin_echo\x01\x02\x03";
        assert_eq!(push.encode().unwrap(), bytes);
        assert_eq!(BinaryFrame::decode_from_client(bytes), Ok(push));
        let reply = BinaryFrame::Reply {
            join_ref: "1".into(),
            reference: "2".into(),
            topic: "users:1".into(),
            status: "ok".into(),
            data: vec![1, 2, 3],
        };
        let bytes = b"\x01\x01\x01\x07\x0212users:1ok\x01\x02\x03";
        assert_eq!(reply.encode().unwrap(), bytes);
        assert_eq!(BinaryFrame::decode_from_server(bytes), Ok(reply));
    }

    #[test]
    fn frames_match_the_serializer_vectors_of_phoenix() {
        let push = BinaryFrame::decode_from_server(b"\x00\x03\x03\n123topsome-event\x01\x01");
        let expected = BinaryFrame::ServerPush {
            join_ref: "123".into(),
            topic: "top".into(),
            event: "some-event".into(),
            data: vec![1, 1],
        };
        assert_eq!(push, Ok(expected));
        let broadcast = BinaryFrame::decode_from_server(b"\x02\x03\ntopsome-event\x01\x01");
        assert!(
            matches!(broadcast, Ok(BinaryFrame::Broadcast { event, .. }) if event == "some-event")
        );
    }

    #[test]
    fn lengths_are_counted_in_bytes_and_limited() {
        let broadcast =
            |topic: String| BinaryFrame::Broadcast { topic, event: "e".into(), data: Vec::new() };
        assert_eq!(broadcast("é".into()).encode().unwrap()[1], 2);
        assert_eq!(broadcast("x".repeat(256)).encode(), Err(BinaryError::TooLong));
        assert_eq!(BinaryFrame::decode_from_client(&[0, 5, 0, 0, 0]), Err(BinaryError::Truncated));
        assert_eq!(BinaryFrame::decode_from_client(&[9]), Err(BinaryError::UnknownKind(9)));
        assert_eq!(BinaryFrame::decode_from_server(&[2, 1, 0, 0xff]), Err(BinaryError::NotUtf8));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_cause_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = BinaryFrame::decode_from_client(&bytes);
            if let Ok(frame) = BinaryFrame::decode_from_server(&bytes) {
                prop_assert_eq!(frame.encode().unwrap(), bytes);
            }
        }
    }
}

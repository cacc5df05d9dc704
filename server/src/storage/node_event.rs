//! Notifications between servers on one database (LISTEN/NOTIFY). They are lossy; a receiver
//! resyncs with the database after it reconnects.

use std::fmt;

use wizitime_domain::UserId;

use crate::auth::TokenHash;

/// The type of [`NodeEvent::Appended`] in a payload. Every released version uses this word, and
/// servers of several versions share a database during an upgrade.
const APPENDED_TYPE: &str = "news";

/// An event of another server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeEvent {
    /// An account's log was appended to; `cursor` is its new end.
    Appended { user_id: UserId, cursor: u64 },
    /// A token of an account was revoked; all of them if `token` is none.
    Revoked { user_id: UserId, token: Option<TokenHash> },
    /// A command changed accounts of an SQLite file: sessions may have ended.
    AccountsChanged,
    /// The subscription is active (again). Earlier events may have been missed.
    Reconnected,
}

/// A random id of a server, to skip its own notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeId(u64);

impl NodeId {
    pub(super) const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(bytes))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl NodeEvent {
    /// The payload of the notification: sender, type, user and detail, separated by spaces.
    pub(super) fn encode(&self, sender: NodeId) -> String {
        match self {
            Self::Appended { user_id, cursor } => {
                format!("{sender} {APPENDED_TYPE} {user_id} {cursor}")
            }
            Self::Revoked { user_id, token: Some(hash) } => {
                format!("{sender} revoked {user_id} {}", hash.hex())
            }
            Self::Revoked { user_id, token: None } => format!("{sender} revoked {user_id} all"),
            Self::AccountsChanged => format!("{sender} accounts_changed"),
            Self::Reconnected => format!("{sender} reconnected"),
        }
    }

    /// Decodes a payload. None for the own notifications and for unknown types, which a newer
    /// version may send.
    pub(super) fn decode(payload: &str, own: NodeId) -> Option<Self> {
        let mut words = payload.split(' ');
        let sender = words.next()?;
        let (kind, user_id) = (words.next()?, words.next()?.parse().ok()?);
        let detail = words.next()?;
        if sender == own.to_string() || words.next().is_some() {
            return None;
        }
        match (kind, detail) {
            (APPENDED_TYPE, cursor) => {
                Some(Self::Appended { user_id, cursor: cursor.parse().ok()? })
            }
            ("revoked", "all") => Some(Self::Revoked { user_id, token: None }),
            ("revoked", hash) => {
                Some(Self::Revoked { user_id, token: Some(TokenHash::from_hex(hash)?) })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Token;

    #[test]
    fn events_are_decoded_by_other_nodes_and_skipped_by_the_sender() {
        let (own, other) = (NodeId::from_bytes([1; 8]), NodeId::from_bytes([2; 8]));
        let user_id = UserId::from_bytes([7; 16]);
        let hash = Token::from_client("x").hash();
        for event in [
            NodeEvent::Appended { user_id, cursor: u64::MAX },
            NodeEvent::Revoked { user_id, token: Some(hash) },
            NodeEvent::Revoked { user_id, token: None },
        ] {
            let payload = event.encode(own);
            assert_eq!(NodeEvent::decode(&payload, other), Some(event), "{payload}");
            assert_eq!(NodeEvent::decode(&payload, own), None, "{payload}");
        }
    }

    #[test]
    fn appended_is_encoded_as_by_earlier_versions() {
        let (node, user_id) = (NodeId::from_bytes([1; 8]), UserId::from_bytes([7; 16]));
        let payload = NodeEvent::Appended { user_id, cursor: 3 }.encode(node);
        let user_id = "07070707-0707-0707-0707-070707070707";
        assert_eq!(payload, format!("0101010101010101 news {user_id} 3"));
    }

    #[test]
    fn unknown_payloads_are_ignored() {
        let own = NodeId::from_bytes([1; 8]);
        let user_id = UserId::from_bytes([7; 16]);
        for payload in [
            String::new(),
            "x".to_owned(),
            format!("x news {user_id}"),
            format!("x news {user_id} -1"),
            format!("x news {user_id} 1 2"),
            "x news me 1".to_owned(),
            format!("x revoked {user_id} abc"),
            format!("x revoked {user_id} {}", "é".repeat(32)),
            format!("x renamed {user_id} 1"),
        ] {
            assert_eq!(NodeEvent::decode(&payload, own), None, "{payload}");
        }
    }
}

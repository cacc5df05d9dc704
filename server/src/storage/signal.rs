//! What servers on one database tell each other. All of it is a hint: who misses it looks into the
//! database, and so does whoever hears again after having been deaf.

use std::fmt;

use wizitime_domain::UserId;

use crate::auth::TokenHash;

/// What another server did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// An account's log has grown to here.
    News { user_id: UserId, cursor: u64 },
    /// A token of an account lets nobody in any more, or none does.
    Revoked { user_id: UserId, only: Option<TokenHash> },
    /// From now on the others are heard. What they said before was missed.
    Resumed,
}

/// A server, to tell its own words from those of others.
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

impl Signal {
    /// A signal as it travels: by whom, what, and of whose account.
    pub(super) fn write(&self, by: NodeId) -> String {
        match self {
            Self::News { user_id, cursor } => format!("{by} news {user_id} {cursor}"),
            Self::Revoked { user_id, only: Some(hash) } => {
                format!("{by} revoked {user_id} {}", hash.hex())
            }
            Self::Revoked { user_id, only: None } => format!("{by} revoked {user_id} all"),
            Self::Resumed => format!("{by} resumed"),
        }
    }

    /// What another server said; nothing if it was ourselves, or a server of a later version.
    pub(super) fn read(text: &str, own: NodeId) -> Option<Self> {
        let mut words = text.split(' ');
        let by = words.next()?;
        let (what, user_id) = (words.next()?, words.next()?.parse().ok()?);
        let detail = words.next()?;
        if by == own.to_string() || words.next().is_some() {
            return None;
        }
        match (what, detail) {
            ("news", cursor) => Some(Self::News { user_id, cursor: cursor.parse().ok()? }),
            ("revoked", "all") => Some(Self::Revoked { user_id, only: None }),
            ("revoked", hash) => {
                Some(Self::Revoked { user_id, only: Some(TokenHash::from_hex(hash)?) })
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
    fn what_is_said_is_understood_by_others_and_passed_over_by_oneself() {
        let (own, other) = (NodeId::from_bytes([1; 8]), NodeId::from_bytes([2; 8]));
        let user_id = UserId::from_bytes([7; 16]);
        let hash = Token::shown("x").hash();
        for signal in [
            Signal::News { user_id, cursor: u64::MAX },
            Signal::Revoked { user_id, only: Some(hash) },
            Signal::Revoked { user_id, only: None },
        ] {
            let text = signal.write(own);
            assert_eq!(Signal::read(&text, other), Some(signal), "{text}");
            assert_eq!(Signal::read(&text, own), None, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_nothing() {
        let own = NodeId::from_bytes([1; 8]);
        let user_id = UserId::from_bytes([7; 16]);
        for text in [
            String::new(),
            "x".to_owned(),
            format!("x news {user_id}"),
            format!("x news {user_id} -1"),
            format!("x news {user_id} 1 2"),
            "x news me 1".to_owned(),
            format!("x revoked {user_id} abc"),
            format!("x revoked {user_id} {}", "é".repeat(32)),
            format!("x praised {user_id} 1"),
        ] {
            assert_eq!(Signal::read(&text, own), None, "{text}");
        }
    }
}

//! Keys in localStorage. There is one key per event, so that writing one costs the same however
//! many wait. Each tab records under keys of its own; the leader also writes those of the others.

use wizitime_domain::{EventId, UserId};

use crate::store::record::{BufferedEvent, Owner};

/// The prefix of every key of this app; the origin may host other apps.
pub const PREFIX: &str = "wizi.";

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageKey {
    /// The device's id.
    Device,
    /// The account that is signed in.
    Session,
    /// A waiting event.
    Event { owner: Owner, seq: u64, id: EventId },
    /// A quarantined event.
    Quarantine { owner: Owner, id: EventId },
    /// A marker of discarded events, named by the first of them.
    Discarded { id: EventId },
    /// A text that cannot be read, with the key it was found at; with a number in front if another
    /// one was found there before.
    Corrupt { found_at: String },
}

impl StorageKey {
    /// The key of a waiting event.
    pub const fn event(event: &BufferedEvent) -> Self {
        Self::Event { owner: event.owner, seq: event.envelope.seq, id: event.envelope.id }
    }

    /// The key of a quarantined event.
    pub const fn quarantine(event: &BufferedEvent) -> Self {
        Self::Quarantine { owner: event.owner, id: event.envelope.id }
    }

    /// The id of the event under this key, if it is the key of an event.
    pub const fn event_id(&self) -> Option<EventId> {
        match self {
            Self::Event { id, .. } | Self::Quarantine { id, .. } => Some(*id),
            Self::Device | Self::Session | Self::Discarded { .. } | Self::Corrupt { .. } => None,
        }
    }

    /// The key as text.
    pub fn write(&self) -> String {
        match self {
            Self::Device => "wizi.device".to_owned(),
            Self::Session => "wizi.session".to_owned(),
            Self::Event { owner, seq, id } => {
                format!("wizi.event.{}.{seq:016x}.{id}", owner_name(*owner))
            }
            Self::Quarantine { owner, id } => {
                format!("wizi.quarantine.{}.{id}", owner_name(*owner))
            }
            Self::Discarded { id } => format!("wizi.discarded.{id}"),
            Self::Corrupt { found_at } => format!("wizi.damaged.{found_at}"),
        }
    }

    /// Parses a key; None if it is not one of this version.
    pub fn parse(key: &str) -> Option<Self> {
        let (kind, rest) = key.strip_prefix(PREFIX)?.split_once('.').unwrap_or((&key[5..], ""));
        let mut parts = rest.split('.');
        match kind {
            "device" => Some(Self::Device),
            "session" => Some(Self::Session),
            "event" => Some(Self::Event {
                owner: parse_owner(parts.next()?)?,
                seq: u64::from_str_radix(parts.next()?, 16).ok()?,
                id: parts.next()?.parse().ok()?,
            }),
            "quarantine" => Some(Self::Quarantine {
                owner: parse_owner(parts.next()?)?,
                id: parts.next()?.parse().ok()?,
            }),
            "discarded" => Some(Self::Discarded { id: parts.next()?.parse().ok()? }),
            "damaged" => Some(Self::Corrupt { found_at: rest.to_owned() }),
            _ => None,
        }
    }
}

/// The name of an owner in a key.
pub(crate) fn owner_name(owner: Owner) -> String {
    match owner {
        Owner::Guest => "guest".to_owned(),
        Owner::User(user_id) => user_id.to_string(),
    }
}

fn parse_owner(name: &str) -> Option<Owner> {
    match name {
        "guest" => Some(Owner::Guest),
        id => id.parse::<UserId>().ok().map(Owner::User),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_round_trip() {
        let id = EventId::from_bytes([7; 16]);
        for key in [
            StorageKey::Device,
            StorageKey::Session,
            StorageKey::Event { owner: Owner::Guest, seq: 258, id },
            StorageKey::Event { owner: Owner::User(UserId::from_bytes([1; 16])), seq: 0, id },
            StorageKey::Quarantine { owner: Owner::Guest, id },
            StorageKey::Discarded { id },
            StorageKey::Corrupt { found_at: "wizi.event.guest.x".into() },
        ] {
            assert_eq!(StorageKey::parse(&key.write()), Some(key));
        }
        for foreign in ["theme", "wizi.", "wizi.event.guest", "wizi.event.guest.zz.1", "wizi.new"] {
            assert_eq!(StorageKey::parse(foreign), None, "{foreign}");
        }
    }
}

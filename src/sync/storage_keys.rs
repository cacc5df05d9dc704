//! The names of what is kept in localStorage: one key for each event, so that writing one costs
//! the same however many wait, and no two tabs ever write the same key.

use wizitime_domain::{EventId, UserId};

use crate::sync::record::{BufferedEvent, Owner};

/// Everything of this app begins with it; the origin may have other tenants.
pub const PREFIX: &str = "wizi.";

/// What a key names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageKey {
    /// The device's id.
    Device,
    /// Who is signed in.
    Session,
    /// An event that waits.
    Event { owner: Owner, seq: u64, id: EventId },
    /// An event that was set aside.
    Quarantine { owner: Owner, id: EventId },
    /// A text that could not be read, under the key it was found at; with a number in front if
    /// another one was found there before.
    Corrupt { found_at: String },
}

impl StorageKey {
    /// Where a record waits.
    pub const fn event(record: &BufferedEvent) -> Self {
        Self::Event { owner: record.owner, seq: record.envelope.seq, id: record.envelope.id }
    }

    /// Where a record is set aside.
    pub const fn quarantine(record: &BufferedEvent) -> Self {
        Self::Quarantine { owner: record.owner, id: record.envelope.id }
    }

    /// The event that is kept there, if it is one.
    pub const fn event_id(&self) -> Option<EventId> {
        match self {
            Self::Event { id, .. } | Self::Quarantine { id, .. } => Some(*id),
            Self::Device | Self::Session | Self::Corrupt { .. } => None,
        }
    }

    /// The key as it is stored.
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
            Self::Corrupt { found_at } => format!("wizi.damaged.{found_at}"),
        }
    }

    /// Reads a key; none if it is not one of ours.
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
            "damaged" => Some(Self::Corrupt { found_at: rest.to_owned() }),
            _ => None,
        }
    }
}

fn owner_name(owner: Owner) -> String {
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
            StorageKey::Corrupt { found_at: "wizi.event.guest.x".into() },
        ] {
            assert_eq!(StorageKey::parse(&key.write()), Some(key));
        }
        for foreign in ["theme", "wizi.", "wizi.event.guest", "wizi.event.guest.zz.1", "wizi.new"] {
            assert_eq!(StorageKey::parse(foreign), None, "{foreign}");
        }
    }
}

//! Ids: UUIDv7 (RFC 9562 §5.7), one newtype for each kind of entity.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use crate::json::parse_str;

/// The text is not a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseIdError;

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id: expected a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057")
    }
}

impl std::error::Error for ParseIdError {}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with these 128 bits.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 128 bits of the id; their order is the order of creation.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read(deserializer).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                write(&self.0, serializer)
            }
        }
    };
}

/// Reads an id in the one form in which ids are written: lower case, with dashes. Otherwise one id
/// would have several texts, and programs that compare texts would see several entities.
fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Uuid, D::Error> {
    parse_str(deserializer, "an id", |text| {
        let is_canonical =
            text.len() == Hyphenated::LENGTH && text.bytes().all(|byte| !byte.is_ascii_uppercase());
        is_canonical.then(|| Uuid::try_parse(text).ok()).flatten()
    })
}

fn write<S: Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
}

id!(
    /// A recorded event: the key of exactly-once.
    EventId
);
id!(
    /// A time entry.
    EntryId
);
id!(
    /// A project.
    ProjectId
);
id!(
    /// A client: a customer of the user.
    ClientId
);
id!(
    /// A task of a project.
    TaskId
);
id!(
    /// A tag.
    TagId
);
id!(
    /// A browser profile or an installed app.
    DeviceId
);
id!(
    /// A writer: one tab's life. Tabs of a device share no counter.
    WriterId
);
id!(
    /// An account.
    UserId
);
id!(
    /// An epoch of the server's log; a restored backup starts a new one.
    EpochId
);

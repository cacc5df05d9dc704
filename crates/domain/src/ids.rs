//! Identities: UUIDv7 (RFC 9562 §5.7), one newtype for each kind of thing.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;
use wizitime_json::{FromJson, Json, JsonError, ToJson};

/// The length of an id as text, in bytes.
const HYPHENATED_BYTES: usize = uuid::fmt::Hyphenated::LENGTH;

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

        impl FromJson for $name {
            fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
                read(json).map(Self)
            }
        }

        impl ToJson for $name {
            fn write_json(&self, out: &mut String) {
                write(&self.0, out);
            }
        }
    };
}

fn read(json: Json<'_>) -> Result<Uuid, JsonError> {
    Uuid::try_parse(&json.text()?).map_err(|_| JsonError::not("an id"))
}

fn write(id: &Uuid, out: &mut String) {
    id.hyphenated().encode_lower(&mut [0; HYPHENATED_BYTES]).write_json(out);
}

id!(
    /// One recorded event: the key of exactly-once.
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
    /// A client, whom projects are for.
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
    /// One tab's life: tabs of a device share no counter.
    WriterId
);
id!(
    /// A person's account.
    UserId
);
id!(
    /// One life of the server's log; a restored backup starts a new one.
    EpochId
);

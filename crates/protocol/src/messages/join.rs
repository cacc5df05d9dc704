//! The payload of `phx_join` and its replies.

use serde::{Deserialize, Serialize};
use wizitime_domain::{DeviceId, EpochId, Timestamp};

use super::bulk_event::{BULK_BYTES_MAX, EVENTS_PER_BULK_MAX};
use super::changes_page::PAGE_ENTITIES_MAX;

/// The payload of a join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinParams {
    pub device_id: DeviceId,
    pub client_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<EpochId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<u64>,
}

/// The server's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The most events in one BULK_EVENT.
    pub events: usize,
    /// The longest payload of one BULK_EVENT, in bytes.
    pub bytes: usize,
    /// The most entities in one page of GET_LATEST_TIME_ENTRIES.
    pub page: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { events: EVENTS_PER_BULK_MAX, bytes: BULK_BYTES_MAX, page: PAGE_ENTITIES_MAX }
    }
}

/// The ok reply to a join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinReply {
    pub epoch: EpochId,
    /// The sequence number of the last accepted event.
    pub cursor: u64,
    pub server_time: Timestamp,
    pub server_version: String,
    pub limits: Limits,
}

/// The error reply to a join: `unauthorized`, `malformed` or `unavailable`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRefusal {
    pub reason: String,
}

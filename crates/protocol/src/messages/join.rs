//! The payload of `phx_join` and of its replies.

use serde::{Deserialize, Serialize};
use wizitime_domain::{DeviceId, EpochId, Timestamp};

use super::bulk_event::{BULK_BYTES_MAX, EVENTS_PER_BULK_MAX};
use super::changes_page::PAGE_ENTITIES_MAX;

/// The payload of a join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinParams {
    pub device_id: DeviceId,
    pub client_version: String,
    /// The epoch of the client's confirmed data, if it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<EpochId>,
    /// The cursor of the client's confirmed data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<u64>,
}

/// The largest requests that the server accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Events in one BULK_EVENT.
    pub events: usize,
    /// Payload of one BULK_EVENT, in bytes.
    pub bytes: usize,
    /// Entities in one page of GET_LATEST_TIME_ENTRIES.
    pub page: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { events: EVENTS_PER_BULK_MAX, bytes: BULK_BYTES_MAX, page: PAGE_ENTITIES_MAX }
    }
}

/// The `ok` reply to a join: the head of the account's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinReply {
    pub epoch: EpochId,
    /// The sequence number of the last accepted event.
    pub cursor: u64,
    pub server_time: Timestamp,
    pub server_version: String,
    pub limits: Limits,
}

/// The `error` reply to a join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRefusal {
    /// `unauthorized`, `malformed` or `unavailable`.
    pub reason: String,
}

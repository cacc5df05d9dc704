//! The payload of `phx_join`.

use wizitime_domain::json::{JsonText, to_json};
use wizitime_protocol::messages::JoinParams;

use crate::store::State;

/// The payload of the next join.
pub fn join_params(state: &State) -> JsonText {
    to_json(&JoinParams {
        device_id: state.device.device_id,
        client_version: env!("CARGO_PKG_VERSION").to_owned(),
        epoch: state.ledger.epoch(),
        cursor: state.ledger.epoch().map(|_| state.ledger.cursor()),
    })
}

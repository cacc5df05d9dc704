//! What the client says of itself when it joins.

use wizitime_protocol::messages::JoinParams;

use crate::store::State;

/// The payload of the next join.
pub fn join_params(state: &State) -> String {
    let params = JoinParams {
        device_id: state.device.device_id,
        client_version: env!("CARGO_PKG_VERSION").to_owned(),
        epoch: state.ledger.epoch(),
        cursor: state.ledger.epoch().map(|_| state.ledger.cursor()),
    };
    // A plain struct has no way to fail.
    serde_json::to_string(&params).unwrap_or_else(|_| "{}".to_owned())
}

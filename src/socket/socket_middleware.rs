//! The data flow from the store to the socket: turns actions into pushes.

use wizitime_domain::SortedSet;
use wizitime_domain::json::{JsonText, to_json};
use wizitime_protocol::messages::{
    BULK_EVENT, GET_LATEST_TIME_ENTRIES, LatestRequest, PING, Ping, bulk_event_json,
};

use super::socket_helper::PUSH_TIMEOUT_MS;
use crate::app::chain::Machines;
use crate::app::input::PageEvent;
use crate::app::{Moment, Outbox};
use crate::store::{Action, State};
use crate::sync::join_params;

pub(crate) fn handle(
    machines: &mut Machines,
    state: &State,
    action: &Action,
    moment: Moment,
    out: &mut Outbox,
) {
    #[expect(clippy::wildcard_enum_match_arm, reason = "a middleware answers what concerns it")]
    match action {
        Action::SocketPush { event, payload, timeout_ms } => {
            push(machines, event, payload.clone(), *timeout_ms, moment, out);
        }
        Action::SocketBulkPush { ids, timeout_ms } => {
            let ids: SortedSet<_> = ids.iter().copied().collect();
            let records = state.events.waiting().filter(|it| ids.contains(&it.envelope.id));
            let payload = bulk_event_json(records.map(|record| record.json.as_raw()));
            if !push(machines, BULK_EVENT, payload, *timeout_ms, moment, out) {
                out.actions.push(Action::BulkTimeout);
            }
        }
        Action::GetLatestTimeEntries { epoch, since, limit, timeout_ms } => {
            let request = LatestRequest { epoch: *epoch, since: *since, limit: *limit };
            let payload = to_json(&request);
            if !push(machines, GET_LATEST_TIME_ENTRIES, payload, *timeout_ms, moment, out) {
                out.actions.push(Action::LatestFailed);
            }
        }
        Action::ChannelJoined(_) => {
            let payload = to_json(&Ping { sent_at: moment.wall });
            let timeout_ms = PUSH_TIMEOUT_MS;
            out.actions.push(Action::SocketPush { event: PING, payload, timeout_ms });
        }
        Action::Confirmed(_) => {
            machines.socket.set_join_params(join_params(state), moment);
        }
        Action::Page(PageEvent::Online | PageEvent::Visible) => {
            let effects = machines.socket.probe(moment);
            machines.hear(effects, moment, out);
        }
        Action::TimerFired => {
            let effects = machines.socket.woke(moment);
            machines.hear(effects, moment, out);
        }
        _ => (),
    }
}

/// Whether it was sent.
fn push(
    machines: &mut Machines,
    event: &str,
    payload: JsonText,
    timeout_ms: u64,
    moment: Moment,
    out: &mut Outbox,
) -> bool {
    let effects = machines.socket.push(event, payload, timeout_ms, moment);
    let sent = effects.is_some();
    machines.hear(effects.unwrap_or_default(), moment, out);
    sent
}

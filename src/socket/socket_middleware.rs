//! From the store to the socket: opens and closes the connection and turns actions into pushes.

use wizitime_domain::SortedSet;
use wizitime_domain::json::to_json;
use wizitime_protocol::messages::{ChangesPageRequest, Ping, bulk_event_json};

use super::socket_helper::{PUSH_TIMEOUT_MS, PushTag, SocketHelper};
use crate::app::input::PageEvent;
use crate::app::{Moment, Outbox, Secret};
use crate::store::{Action, State};
use crate::sync::join_params;

pub(crate) fn handle(
    socket: &mut SocketHelper,
    state: &State,
    action: &Action,
    moment: Moment,
    out: &mut Outbox,
) {
    #[expect(clippy::wildcard_enum_match_arm, reason = "most actions do not concern the socket")]
    match action {
        // The token of the open connection is no longer the account's.
        Action::SignedIn { .. } | Action::SessionExpired { .. } | Action::SignedOut => {
            socket.close(out);
        }
        Action::CacheLoaded { user_id, .. } => {
            if let Some(account) = state.session.active()
                && account.user_id == *user_id
            {
                let token = Secret(account.token.clone());
                socket.open(token, &account.channel, join_params(state), moment, out);
            }
        }
        Action::SocketBulkPush { ids, timeout_ms } => {
            let ids: SortedSet<_> = ids.iter().copied().collect();
            let events = state.events.waiting().filter(|it| ids.contains(&it.envelope.id));
            let payload = bulk_event_json(events.map(|event| event.json.as_raw()));
            socket.push(PushTag::BulkEvent, payload, *timeout_ms, moment, out);
        }
        Action::GetLatestTimeEntries { epoch, since, limit, timeout_ms } => {
            let request = ChangesPageRequest { epoch: *epoch, since: *since, limit: *limit };
            socket.push(PushTag::ChangesPage, to_json(&request), *timeout_ms, moment, out);
        }
        Action::ChannelJoined(_) => {
            let payload = to_json(&Ping { sent_at: moment.wall });
            let tag = PushTag::Ping { sent: moment };
            socket.push(tag, payload, PUSH_TIMEOUT_MS, moment, out);
        }
        Action::Confirmed(_) => socket.set_join_params(join_params(state), moment),
        Action::Page(PageEvent::Online | PageEvent::Visible) => socket.probe(moment, out),
        Action::TimerFired => socket.timer_fired(moment, out),
        _ => (),
    }
}

//! Catches up with the server's log: on every join, on every hint, after every acknowledgement.

use crate::app::chain::Machines;
use crate::app::effect::Effect;
use crate::app::input::PageEvent;
use crate::app::{Moment, Outbox};
use crate::store::slices::events::DurableCopy;
use crate::store::{Action, State};
use crate::sync::PAGE_TIMEOUT_MS;
use crate::sync::catch_up::PageRequest;

pub(crate) fn handle(
    machines: &mut Machines,
    state: &State,
    action: &Action,
    moment: Moment,
    out: &mut Outbox,
) {
    let ours = state.ledger.cursor();
    #[expect(clippy::wildcard_enum_match_arm, reason = "a middleware answers what concerns it")]
    match action {
        // Also when nothing is new: an event that another tab had acknowledged waits for changes.
        Action::ChannelJoined(reply)
            if state.ledger.epoch() != Some(reply.epoch)
                || reply.cursor != ours
                || state.events.awaits_news() =>
        {
            machines.catch_up.want();
        }
        Action::ChannelJoined(_) => machines.catch_up.rest(moment.mono),
        Action::SocketReceiveBroadcast { cursor } | Action::Acknowledged { cursor, .. }
            if *cursor > ours =>
        {
            machines.catch_up.want();
        }
        // The changes came before the acknowledgement.
        Action::Acknowledged { cursor, .. } => {
            let records = state.events.synced_up_to(*cursor);
            out.actions.push(Action::FilterOutSynced { records });
        }
        Action::PeerAcknowledged { .. } | Action::SyncRequested => machines.catch_up.want(),
        // A page that slept may have missed hints from the server and from other tabs.
        Action::Page(PageEvent::Visible) => {
            machines.catch_up.want();
            out.effects.push(Effect::ReadStorage);
        }
        Action::LatestOk(page) => match machines.catch_up.page(page.clone(), moment) {
            Some(Ok(changes)) => out.actions.push(Action::Confirmed(changes)),
            Some(Err(question)) => ask(question, machines, out),
            None => (),
        },
        Action::LatestFailed => machines.catch_up.failed(moment),
        Action::LinkLost { .. } | Action::ChannelRefused { .. } => machines.catch_up.link_lost(),
        _ => (),
    }
    if machines.catch_up.has_rested(moment.mono) {
        out.effects.push(Effect::ReadStorage);
        if !machines.election.is_leader() {
            // That tab may be frozen, and nobody else knows what waits in it.
            machines.offer_wanted = true;
        } else if state.events.durable_copy() == DurableCopy::Available {
            // What localStorage refused from a tab that is gone or frozen by now is only there.
            machines.poll_durable_copy(out);
        }
    }
    if state.link.joined && machines.catch_up.is_due(moment.mono) {
        let question = PageRequest { epoch: state.ledger.epoch(), since: state.ledger.cursor() };
        machines.catch_up.asked(question);
        ask(question, machines, out);
    }
}

fn ask(question: PageRequest, machines: &Machines, out: &mut Outbox) {
    out.actions.push(Action::GetLatestTimeEntries {
        epoch: question.epoch,
        since: question.since,
        limit: machines.limits.page,
        timeout_ms: PAGE_TIMEOUT_MS,
    });
}

//! Catches up with the server's log: on every join, on every hint, after every acknowledgement.

use crate::effect::Effect;
use crate::input::WorldChange;
use crate::store::slices::events::Mirror;
use crate::store::{Action, Ctx, Machines, Out, State};
use crate::sync::FETCH_TIMEOUT_MS;
use crate::sync::fetch_helper::Question;

pub(crate) fn handle(
    machines: &mut Machines,
    state: &State,
    action: &Action,
    ctx: Ctx,
    out: &mut Out,
) {
    let ours = state.ledger.cursor();
    #[expect(clippy::wildcard_enum_match_arm, reason = "a middleware answers what concerns it")]
    match action {
        // Also when nothing is new: an event that another tab had acknowledged waits for news.
        Action::ChannelJoined(reply)
            if state.ledger.epoch() != Some(reply.epoch)
                || reply.cursor != ours
                || state.events.awaits_news() =>
        {
            machines.fetch.want();
        }
        Action::ChannelJoined(_) => machines.fetch.rest(ctx.now.mono),
        Action::SocketReceiveBroadcast { cursor } | Action::Acknowledged { cursor, .. }
            if *cursor > ours =>
        {
            machines.fetch.want();
        }
        // The news came before the acknowledgement.
        Action::Acknowledged { cursor, .. } => {
            let records = state.events.synced_up_to(*cursor);
            out.actions.push(Action::FilterOutSynced { records });
        }
        Action::PeerForgot { .. } | Action::SyncRequested => machines.fetch.want(),
        // A page that slept may have missed hints from the server and from other tabs.
        Action::World(WorldChange::Shown) => {
            machines.fetch.want();
            out.effects.push(Effect::ReadStorage);
        }
        Action::LatestOk(page) => match machines.fetch.page(page.clone(), ctx.moment()) {
            Some(Ok(news)) => out.actions.push(Action::Confirmed(news)),
            Some(Err(question)) => ask(question, machines, out),
            None => (),
        },
        Action::LatestFailed => machines.fetch.failed(ctx.moment()),
        Action::LinkLost { .. } | Action::ChannelRefused { .. } => machines.fetch.link_lost(),
        _ => (),
    }
    if machines.fetch.has_rested(ctx.now.mono) {
        out.effects.push(Effect::ReadStorage);
        if !machines.lease.is_sender() {
            // That tab may be frozen, and nobody else knows what waits in it.
            machines.offer_wanted = true;
        } else if state.events.mirror() == Mirror::Works {
            // What localStorage refused from a tab that is gone or frozen by now is only there.
            machines.look_into_mirror(out);
        }
    }
    if state.link.joined && machines.fetch.is_due(ctx.now.mono) {
        let question = Question { epoch: state.ledger.epoch(), since: state.ledger.cursor() };
        machines.fetch.asked(question);
        ask(question, machines, out);
    }
}

fn ask(question: Question, machines: &Machines, out: &mut Out) {
    out.actions.push(Action::GetLatestTimeEntries {
        epoch: question.epoch,
        since: question.since,
        limit: machines.limits.page,
        timeout_ms: FETCH_TIMEOUT_MS,
    });
}

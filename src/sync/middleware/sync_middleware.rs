//! Sends the buffer when the sync helper says so, and deals with the answer.

use wizitime_domain::EventId;
use wizitime_protocol::messages::{BulkError, EVENTS_PER_BULK_MAX, Reason};

use crate::app::chain::Machines;
use crate::app::{Moment, Outbox};
use crate::socket::PUSH_TIMEOUT_MS;
use crate::store::slices::events::DurableCopy;
use crate::store::{Action, Scope, State};
use crate::sync::record::{BufferedEvent, Quarantined};
use crate::sync::{DEPENDS_CODE, SyncStep, dependents_of, with_dependents};

/// Room for what surrounds the events in a BULK_EVENT's payload.
const BULK_FRAME_BYTES: usize = 64;
/// The code of an event that speaks of something that does not exist.
const UNKNOWN_CODE: &str = "unknown_entity";
/// So often a single event may make the server fail before it is set aside.
const SINGLE_FAILURES_MAX: u32 = 5;

pub(crate) fn handle(
    machines: &mut Machines,
    state: &State,
    action: &Action,
    moment: Moment,
    out: &mut Outbox,
) {
    let now = moment.mono;
    #[expect(clippy::wildcard_enum_match_arm, reason = "a middleware answers what concerns it")]
    match action {
        Action::Recorded(_) | Action::StoredEventsFound(_) | Action::OwnerChanged { .. } => {
            machines.sync.schedule(false, now);
        }
        // A crash may have taken back that it became possible, and that it was acknowledged.
        Action::Restored(_) => {
            machines.sync.schedule(false, now);
            retry_what_became_possible(state, out);
        }
        Action::DurableCopyRead { .. } => {
            machines.durable_read_until = None;
            machines.sync.schedule(true, now);
        }
        Action::TimerFired if machines.durable_read_until.is_some_and(|until| until <= now) => {
            // Whatever it holds is taken in when it answers after all.
            out.actions.push(Action::DurableCopyRead { works: false });
        }
        Action::Requeued { .. } | Action::RestoreResent { .. } | Action::SyncRequested => {
            machines.sync.schedule(true, now)
        }
        Action::ChannelJoined(reply) => {
            machines.limits = reply.limits;
            machines.sync.schedule(true, now);
        }
        // Only the mirror may have what the tab that sent before left behind.
        Action::BecameLeader => {
            if state.events.durable_copy() == DurableCopy::Unread
                && machines.durable_read_until.is_none()
            {
                machines.read_durable_copy(now, out);
            }
            machines.sync.schedule(true, now);
        }
        Action::Confirmed(changes) => {
            if changes.scope == Scope::Changes {
                let records = state.events.synced_up_to(changes.cursor);
                out.actions.push(Action::FilterOutSynced { records });
            } else {
                // Another log than ours may have acknowledged them, also before we had any. And
                // also what is on its way to the archive: it comes too late to be found there.
                let mut records = state.events.acknowledged();
                records.extend(state.events.synced());
                out.actions.push(Action::Requeued { records });
            }
            retry_what_became_possible(state, out);
        }
        Action::BulkOk(reply) => {
            let ids = machines.sync.answered();
            machines.batch_events_max = EVENTS_PER_BULK_MAX;
            machines.single_failures = 0;
            if state.events.waiting_count() > ids.len() {
                machines.sync.schedule(true, now);
            }
            out.actions.push(Action::Acknowledged { ids, cursor: reply.cursor });
        }
        Action::BulkError(error) => refused(machines, state, error, moment, out),
        Action::BulkTimeout => machines.sync.failed(None, moment),
        Action::LinkLost { .. } | Action::ChannelRefused { .. } => machines.sync.link_lost(),
        Action::TimerFired => match machines.sync.due_step(now) {
            SyncStep::Nothing => (),
            SyncStep::Push => sync_all(machines, state, out),
            SyncStep::Recover => {
                machines.sync.failed(None, moment);
                machines.socket.rejoin(moment, out);
            }
        },
        _ => (),
    }
}

/// An event was refused because what it speaks of was not there. Once it is, because another device
/// has sent it or the server was given it again, nobody needs to be asked.
fn retry_what_became_possible(state: &State, out: &mut Outbox) {
    let confirmed = state.ledger.confirmed();
    for it in state.events.quarantined().filter(|it| it.code == UNKNOWN_CODE) {
        let event = &it.event.envelope.event;
        let made = event.creates();
        let needed = event.subjects().into_iter().chain(event.references());
        let mut needed = needed.filter(|key| Some(*key) != made);
        if needed.all(|key| confirmed.get(key).is_some()) {
            let records = with_dependents(state, it.event.envelope.id);
            out.actions.push(Action::Requeued { records });
        }
    }
}

/// Takes a copy of what waits, as much as fits, and sends it as one BULK_EVENT.
fn sync_all(machines: &mut Machines, state: &State, out: &mut Outbox) {
    let events_max = machines.batch_events_max.min(machines.limits.events).max(1);
    let bytes_max = machines.limits.bytes.saturating_sub(BULK_FRAME_BYTES);
    let mut bytes = 0;
    let ids: Vec<EventId> = state
        .events
        .waiting()
        .take(events_max)
        .take_while(|record| {
            let first = bytes == 0;
            bytes += record.json.as_str().len() + 1;
            // The first always goes: if it is too large by itself, the server says so.
            first || bytes <= bytes_max
        })
        .map(|record| record.envelope.id)
        .collect();
    let is_read = state.events.durable_copy() != DurableCopy::Unread;
    // A restored server may lack what came before these: first it is learnt what it has. Without
    // any changes yet, what was acknowledged may be in the log of before.
    let is_known = match state.ledger.epoch() {
        Some(epoch) => state.link.epoch == Some(epoch),
        None => !state.events.awaits_news(),
    };
    let is_ready = machines.election.is_leader()
        && state.link.joined
        && is_read
        && is_known
        && machines.offer_until.is_none();
    if !is_ready || ids.is_empty() {
        machines.sync.unschedule();
        return;
    }
    machines.sync.started(ids.clone());
    out.actions.push(Action::SocketBulkPush { ids, timeout_ms: PUSH_TIMEOUT_MS });
}

fn refused(
    machines: &mut Machines,
    state: &State,
    error: &BulkError,
    moment: Moment,
    out: &mut Outbox,
) {
    let sent = machines.sync.syncing().to_vec();
    match error.reason {
        Reason::Rejected => {
            let named = error.id.filter(|id| sent.contains(id));
            let id = named.or_else(|| sent.get(error.index?).copied());
            match id.and_then(|id| state.events.find_waiting(id)) {
                Some(record) => {
                    let code = error.code.clone().unwrap_or_default();
                    let message = error.message.clone().unwrap_or_default();
                    set_aside(machines, state, record, &code, &message, moment, out);
                }
                // The server speaks of an event that it was not sent.
                None => machines.sync.failed(error.retry_after_ms, moment),
            }
        }
        // Something in the batch is too much for the server: the halves tell what.
        Reason::TooLarge | Reason::Malformed | Reason::Internal => {
            match (sent.as_slice(), machines.single_failures) {
                ([id], failures) if failures + 1 >= SINGLE_FAILURES_MAX => {
                    if let Some(record) = state.events.find_waiting(*id) {
                        let message = error.message.clone().unwrap_or_else(|| {
                            "The server cannot take this change. You can try again later."
                                .to_owned()
                        });
                        set_aside(machines, state, record, "server_failed", &message, moment, out);
                    } else {
                        machines.sync.failed(error.retry_after_ms, moment);
                    }
                }
                ([_], _) => {
                    machines.single_failures += 1;
                    machines.sync.failed(error.retry_after_ms, moment);
                }
                (many, _) => {
                    machines.batch_events_max = (many.len() / 2).max(1);
                    machines.sync.failed(error.retry_after_ms, moment);
                }
            }
        }
        Reason::TooFast | Reason::Unavailable | Reason::UnknownEvent | Reason::Other => {
            machines.sync.failed(error.retry_after_ms, moment);
        }
    }
}

/// Moves an event and what depends on it into quarantine; the rest goes on.
fn set_aside(
    machines: &mut Machines,
    state: &State,
    record: &BufferedEvent,
    code: &str,
    message: &str,
    moment: Moment,
    out: &mut Outbox,
) {
    let dependents = dependents_of(record, state.events.waiting());
    let dependents = dependents.iter().filter_map(|id| state.events.find_waiting(*id));
    let first =
        Quarantined { event: record.clone(), code: code.to_owned(), message: message.to_owned() };
    let rest = dependents.map(|record| Quarantined {
        event: record.clone(),
        code: DEPENDS_CODE.to_owned(),
        message: "This change builds on one that could not be accepted.".to_owned(),
    });
    machines.sync.answered();
    machines.batch_events_max = EVENTS_PER_BULK_MAX;
    machines.single_failures = 0;
    machines.sync.schedule(true, moment.mono);
    out.actions.push(Action::Quarantined(std::iter::once(first).chain(rest).collect()));
}

//! Feeds inputs to the core of a tab and performs its effects.

use std::collections::{BTreeMap, BTreeSet};

use wizitime::app::Input;
use wizitime::app::RefusedWrites;
use wizitime::effects::Effect;
use wizitime::features::{AccountIntent, Intent, SyncIntent};
use wizitime::store::record::{QuarantineCode, Quarantined};
use wizitime::sync::StorageKey;
use wizitime_domain::{Envelope, EventId};

use super::{Harness, MONO_BEGIN_MS, Scheduled, Target, name};
use crate::device::{Tab, TabId};
use crate::driver::{Driver, Latency};
use crate::profile::{Profile, StorageOp};
use crate::step::{DatabaseRequest, Display, NetworkRequest, Step, steps};

/// What an intent may remove from the buffer.
enum MayDiscard {
    Nothing,
    Everything,
    /// This quarantined event, with its dependents or alone.
    Quarantined {
        id: EventId,
        with_dependents: bool,
    },
}

/// What became of the changes of localStorage while one list of effects is performed.
#[derive(Default)]
struct StorageBatch {
    refused: RefusedWrites,
    /// Whether a value was removed. A marker of discarded events is shorter than those events, so
    /// that it fits now, however full localStorage is.
    has_freed: bool,
}

impl StorageBatch {
    fn has_room_for(&self, key: &str) -> bool {
        self.has_freed && matches!(StorageKey::parse(key), Some(StorageKey::Discarded { .. }))
    }
}

/// The most inputs that one input can lead to in the same task: more is an endless loop.
const NESTED_INPUTS_MAX: u32 = 100;

impl<D: Driver> Harness<D> {
    /// Feeds an input to a tab, if it still lives this life, and performs the effects.
    pub fn feed(&mut self, tab: TabId, life: u64, input: Input) {
        if self.nested_inputs == NESTED_INPUTS_MAX {
            return self.violate(format!("P8: {tab} never ends handling {}", name(&input)));
        }
        self.nested_inputs += 1;
        self.handle(tab, life, input);
        self.nested_inputs -= 1;
    }

    fn handle(&mut self, tab: TabId, life: u64, input: Input) {
        let now = self.moment(tab.device);
        let Some(open) = self.tab(tab, life) else { return };
        let may_discard = if let Input::User(intent) = &input
            && D::KEEPS_HISTORY
        {
            Some(may_discard(intent))
        } else {
            None
        };
        let is_act = matches!(&input, Input::User(intent) if intent.undo_kind().is_some());
        let Some(may_discard) = may_discard else {
            let effects = open.core.handle(input, now);
            self.seen.clear();
            self.unshown.clear();
            self.acted = None;
            self.perform(Target { tab, life }, effects);
            return D::after_input(self, tab, life);
        };
        let seen = waiting(open);
        let groups = quarantined(open);
        let before: BTreeSet<EventId> =
            seen.iter().copied().chain(groups.keys().copied()).collect();
        let shown_before = is_act.then(|| open.core.state().ledger.shown().clone());
        let effects = open.core.handle(input, now);
        let shown_after = open.core.state().ledger.shown().clone();
        let acted = shown_before.map(|before| (before, shown_after));
        let after: BTreeSet<EventId> =
            waiting(open).into_iter().chain(quarantined(open).into_keys()).collect();
        let recorded = open.core.state().events.waiting().map(|it| &it.envelope);
        let unshown = recorded.filter(|it| !before.contains(&it.id)).cloned().collect();
        self.seen = seen;
        self.unshown = unshown;
        self.acted = acted;
        self.discard(tab, &may_discard, &groups, before.difference(&after).copied().collect());
        self.perform(Target { tab, life }, effects);
        D::after_input(self, tab, life);
    }

    /// The user's intent has removed these events from the buffer of a tab.
    fn discard(
        &mut self,
        tab: TabId,
        allowed: &MayDiscard,
        groups: &Groups,
        removed: Vec<EventId>,
    ) {
        let is_allowed = |id: &EventId| match allowed {
            MayDiscard::Nothing => false,
            MayDiscard::Everything => true,
            MayDiscard::Quarantined { id: root, with_dependents } => {
                id == root || *with_dependents && may_depend(groups, *id, *root)
            }
        };
        if let Some(id) = removed.iter().find(|id| !is_allowed(id)) {
            return self.violate(format!("P1: {tab} discarded {id}, which was not given up"));
        }
        for id in removed {
            self.driver.trace(self.now_ms, || format!("{tab} discards {id}"));
            let known_ms = self.now_ms + D::PEER_DELAY_MS + 1;
            self.history.discard(id, tab.device, known_ms);
        }
    }

    /// Performs effects in their order. A tab that is killed on the way performs no more.
    pub(super) fn perform(&mut self, target: Target, effects: Vec<Effect>) {
        let mut batch = StorageBatch::default();
        let mut is_written = true;
        let mut stored = None;
        for step in effects.into_iter().flat_map(steps) {
            D::before_step(self, target.tab, &step);
            if self.tab(target.tab, target.life).is_none() {
                // Nothing of what it was about to show was seen.
                self.unshown.clear();
                return;
            }
            match step {
                Step::Storage(op) => is_written = self.change_storage(target.tab, op, &mut batch),
                Step::CompleteMove { key } => {
                    if is_written {
                        self.change_storage(target.tab, StorageOp::Remove { key }, &mut batch);
                    }
                }
                Step::ReadStorage => {
                    stored = Some(self.devices[target.tab.device].profile.stored());
                }
                Step::Database(request) => self.request(target, request),
                Step::Network(request) => {
                    if let NetworkRequest::Send { text, .. } = &request {
                        self.history.note_sent(text);
                    }
                    D::network(self, target.tab, target.life, request);
                }
                Step::PostToPeers(message) => {
                    for peer in self.peers(target.tab) {
                        self.input(peer, D::PEER_DELAY_MS, Input::PeerMessageReceived(message));
                    }
                }
                Step::TakeLeaderLock => self.take_lock(target.tab),
                Step::WakeAt(at) => {
                    let slept_ms = self.devices[target.tab.device].slept_ms;
                    let at_ms = (at.as_ms() + slept_ms).saturating_sub(MONO_BEGIN_MS);
                    if let Some(open) = self.tab(target.tab, target.life) {
                        open.wake_ms = Some(at_ms);
                        self.set_timer(target);
                    }
                }
                Step::Remember { step, kind } => {
                    let device = &mut self.devices[target.tab.device];
                    device.history.remember(*step, kind);
                    if let Some((before, after)) = self.acted.take()
                        && let Err(violation) = device.acts.remember(kind, &before, &after)
                    {
                        self.violate(violation);
                    }
                }
                Step::Display(display) => self.display(target.tab, &display),
            }
        }
        self.settle_discards(target.tab.device);
        if let Some(input) = batch.refused.into_input() {
            self.feed(target.tab, target.life, input);
        }
        // Reading localStorage is synchronous: no input of another task comes between.
        if let Some(stored) = stored {
            self.feed(target.tab, target.life, Input::StorageRead { stored });
        }
    }

    /// What the user gets to see was accepted, wherever it is stored.
    fn display(&mut self, tab: TabId, display: &Display) {
        if matches!(display, Display::Page) && D::KEEPS_HISTORY {
            for envelope in std::mem::take(&mut self.unshown) {
                self.history.accept(envelope, &mut self.seen);
            }
            if let Some(open) = &self.devices[tab.device].tabs[tab.tab] {
                self.history.note_saved(&open.core);
            }
        }
        D::displayed(self, tab, display);
    }

    /// Returns whether localStorage took the change.
    fn change_storage(&mut self, tab: TabId, op: StorageOp, batch: &mut StorageBatch) -> bool {
        if let StorageOp::Write { key, value } = &op {
            // A tab that was frozen until now is about to read the marker.
            let open = self.devices[tab.device].tabs[tab.tab].as_ref();
            let was_frozen = open.is_some_and(|it| it.frozen_until_ms == self.now_ms);
            let gone = op.event_id().filter(|id| !was_frozen && self.history.is_gone(*id));
            if let Some(id) = gone {
                self.violate(format!("P1: {tab} brings back {id}, which was discarded"));
            }
            self.witness(key, value);
            let is_blocked = batch.refused.is_blocked(key);
            if is_blocked || !batch.has_room_for(key) && !D::accepts_write(self, tab, key) {
                self.history.refused.extend(op.event_id());
                self.driver.trace(self.now_ms, || format!("{tab} cannot write {key}"));
                batch.refused.add(key.clone());
                return false;
            }
        }
        let profile = &mut self.devices[tab.device].profile;
        if !profile.apply(&op, self.now_ms) {
            return true;
        }
        batch.has_freed |= matches!(op, StorageOp::Remove { .. });
        let before = profile.unflushed.last().and_then(|change| change.before.clone());
        self.driver.trace(self.now_ms, || match &op {
            StorageOp::Write { key, .. } => format!("{tab} writes {key}"),
            StorageOp::Remove { key } => format!("{tab} removes {key}"),
        });
        for peer in self.peers(tab) {
            // The changes reach all tabs in the order of writing.
            self.input(peer, D::PEER_DELAY_MS, op.peer_input());
        }
        D::storage_changed(self, tab, &op, before.as_deref());
        true
    }

    /// Notes every event that is written for the first time. A tab that is killed before has shown
    /// nothing of it.
    fn witness(&mut self, key: &str, value: &str) {
        if !D::KEEPS_HISTORY {
            return;
        }
        match StorageKey::parse(key) {
            Some(StorageKey::Event { id, .. }) => {
                if !self.history.events.contains_key(&id)
                    && let Ok(envelope) = Envelope::from_json(value)
                {
                    self.history.accept(envelope, &mut self.seen);
                }
            }
            Some(StorageKey::Quarantine { id, .. }) => {
                self.history.quarantined.insert(id);
            }
            Some(
                StorageKey::Device
                | StorageKey::Session
                | StorageKey::Corrupt { .. }
                | StorageKey::Discarded { .. },
            )
            | None => (),
        }
    }

    fn settle_discards(&mut self, device: usize) {
        if self.history.has_unsettled_discards() {
            let it = &self.devices[device];
            let is_frozen = it.open_tabs().any(|(_, tab)| tab.frozen_until_ms > self.now_ms);
            // A write from before the discard may not be executed yet.
            let is_busy = it.database_busy_until_ms > self.now_ms;
            if !is_frozen && !is_busy {
                self.history.settle_discards(device, &it.profile, self.now_ms);
            }
        }
    }

    fn request(&mut self, target: Target, request: DatabaseRequest) {
        let latency = D::database_latency(self, target.tab, &request);
        let (execute_ms, reply_ms) = match latency {
            Latency::After { execute_ms, reply_ms } => (execute_ms, Some(reply_ms)),
            Latency::NoReply { execute_ms } => (execute_ms, None),
            Latency::Silent => {
                self.driver.trace(self.now_ms, || format!("{} waits for ever", target.tab));
                if let DatabaseRequest::WriteDurableCopy(write) = &request {
                    self.history.note_unarchived(write);
                }
                return;
            }
            Latency::Refused { after_ms } => {
                if let DatabaseRequest::WriteDurableCopy(write) = &request {
                    self.history.note_unarchived(write);
                }
                if let Some(input) = Profile::refuse(&request) {
                    self.input(target.tab, after_ms, input);
                }
                return;
            }
        };
        // One transaction after the other.
        let busy_until_ms = &mut self.devices[target.tab.device].database_busy_until_ms;
        let at_ms = self.now_ms.max(*busy_until_ms) + execute_ms;
        *busy_until_ms = at_ms;
        let request = Box::new(request);
        self.queue.schedule(at_ms, Scheduled::Request { target, request, reply_ms });
    }

    /// Executes a request to IndexedDB, unless the tab that made it is gone.
    pub(super) fn execute(
        &mut self,
        target: Target,
        request: DatabaseRequest,
        reply_ms: Option<u64>,
    ) {
        if self.tab(target.tab, target.life).is_none() {
            return;
        }
        if let DatabaseRequest::WriteDurableCopy(write) = &request {
            self.history.note_on_disk(write);
            // An event that was given up when localStorage was cleared may be safe after all.
            for (key, text) in &write.puts {
                self.witness(key, text);
            }
        }
        let reply = self.devices[target.tab.device].profile.execute(request);
        self.settle_discards(target.tab.device);
        match (reply, reply_ms) {
            (Some(input), Some(0)) => {
                self.driver.trace(self.now_ms, || format!("{} receives {input:?}", target.tab));
                self.feed(target.tab, target.life, input);
            }
            (Some(input), Some(reply_ms)) => self.input(target.tab, reply_ms, input),
            (Some(_), None) | (None, _) => (),
        }
    }

    /// Makes sure that a timer fires when the tab wants to be woken.
    pub(super) fn set_timer(&mut self, target: Target) {
        let now_ms = self.now_ms;
        let Some(open) = self.tab(target.tab, target.life) else { return };
        let Some(at_ms) = open.wake_ms.map(|wake_ms| wake_ms.max(now_ms)) else { return };
        if open.timer_ms.is_none_or(|timer_ms| timer_ms > at_ms) {
            open.timer_ms = Some(at_ms);
            self.queue.schedule(at_ms, Scheduled::Timer { target, at_ms });
        }
    }
}

fn waiting<L>(tab: &Tab<L>) -> Vec<EventId> {
    tab.core.state().events.waiting().map(|it| it.envelope.id).collect()
}

/// The quarantined events of a tab, each with the rejected event that it depends on: a rejected
/// event has itself, and events that an earlier version quarantined have none.
type Groups = BTreeMap<EventId, Option<EventId>>;

fn quarantined<L>(tab: &Tab<L>) -> Groups {
    let group = |it: Quarantined| {
        let id = it.event.id();
        let is_dependent = it.reason.code == QuarantineCode::Dependent;
        (id, if is_dependent { it.reason.root_cause } else { Some(id) })
    };
    tab.core.state().events.quarantined().map(group).collect()
}

/// Whether a quarantined event may depend on another: on it as the root cause, or both on the same
/// root cause.
fn may_depend(groups: &Groups, id: EventId, on: EventId) -> bool {
    let root_of = |id: EventId| groups.get(&id).copied().flatten();
    match (groups.get(&id), root_of(on)) {
        (None, _) => false,
        (Some(None), _) => true,
        (Some(Some(root)), of_other) => *root == on || Some(*root) == of_other && *root != id,
    }
}

const fn may_discard(intent: &Intent) -> MayDiscard {
    match intent {
        Intent::Account(AccountIntent::SignOut { discard_unsynced: true }) => {
            MayDiscard::Everything
        }
        Intent::Sync(SyncIntent::DiscardQuarantined { event_id }) => {
            MayDiscard::Quarantined { id: *event_id, with_dependents: true }
        }
        Intent::Sync(SyncIntent::FixQuarantined { event_id, .. }) => {
            MayDiscard::Quarantined { id: *event_id, with_dependents: false }
        }
        Intent::Account(
            AccountIntent::SignOut { discard_unsynced: false } | AccountIntent::SignIn(_),
        )
        | Intent::Sync(
            SyncIntent::RetryQuarantined { .. } | SyncIntent::ExportUnsynced | SyncIntent::SyncNow,
        )
        | Intent::Timer(_)
        | Intent::Entry(_)
        | Intent::Project(_)
        | Intent::Notice(_) => MayDiscard::Nothing,
    }
}

//! The core of a tab: one input in, effects out.

use std::collections::VecDeque;
use std::rc::Rc;

use wizitime_domain::{IdSource, LocalTime, Timestamp};
use wizitime_protocol::{Moment, MonoTime};

use super::chain::Chain;
use super::input::Input;
use crate::effects::Outbox;
use crate::effects::{Effect, Rendered};
use crate::features::{EventRecorder, Intent, Timeline, dispatch};
use crate::store::slices::notices::Notice;
use crate::store::{Action, LocalAction, PageAction, State, Store};

/// The most actions that one input can lead to. More is a loop among middlewares.
const ACTIONS_PER_INPUT_MAX: usize = 10_000;
/// From this difference between the two clocks on, the wall clock was changed, in milliseconds.
const CLOCK_JUMP_MS_MIN: i64 = 2_000;

/// The whole application without I/O. The browser and the tests drive it alike: they pass it inputs
/// and perform the effects in order.
#[derive(Clone)]
pub struct Core {
    pub(super) store: Store,
    pub(super) chain: Chain,
    /// The source of ids.
    pub(super) ids: IdSource,
    pub(super) timeline: Timeline,
    pub(super) local_time: Rc<dyn LocalTime>,
    /// The moment of the last input.
    pub(super) last: Moment,
    /// The last requested timer.
    pub(super) timer_at: Option<MonoTime>,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("state", self.state()).finish_non_exhaustive()
    }
}

impl Core {
    /// Handles one input.
    pub fn handle(&mut self, input: Input, moment: Moment) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Some(by_ms) = self.clock_turned_back_ms(moment) {
            let action = Action::Page(PageAction::ClockTurnedBack { by_ms });
            effects = self.run(Outbox::action(action), moment);
        }
        let can_send = self.chain.is_leader() && self.state().connection.joined;
        let is_answer = matches!(input, Input::StorageRead { .. });
        let reads_storage =
            can_send && !is_answer && self.chain.freeze_guard.input(self.last.mono, moment.mono);
        self.last = moment;
        let mut out = Outbox::default();
        self.on_input(input, moment, &mut out);
        effects.append(&mut self.run(out, moment));
        if reads_storage {
            effects.push(Effect::ReadStorage);
        }
        effects
    }

    /// The 128 bits of a new id, for an intent that names what it creates.
    pub fn new_id(&mut self, moment: Moment) -> [u8; 16] {
        self.ids.uuid_v7(moment.wall)
    }

    /// The state, for selectors.
    pub const fn state(&self) -> &State {
        self.store.state()
    }

    /// Entries by day.
    pub const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The server's time when the device's clock shows `wall`.
    pub const fn server_time(&self, wall: Timestamp) -> Timestamp {
        self.state().device.server_time(wall)
    }

    /// Dispatches the actions, and their follow-up actions, in the order in which they were queued.
    pub(super) fn run(&mut self, out: Outbox, moment: Moment) -> Vec<Effect> {
        let mut effects = out.effects;
        let mut queue = VecDeque::from(out.actions);
        let mut rendered = Rendered::default();
        let mut left = ACTIONS_PER_INPUT_MAX;
        while let Some(action) = queue.pop_front() {
            let Some(fewer) = left.checked_sub(1) else {
                debug_assert!(false, "middlewares loop");
                break;
            };
            left = fewer;
            rendered.changes.merge(self.store.dispatch(&action));
            let mut out = Outbox::default();
            self.chain.handle(self.store.state(), &action, moment, &mut out);
            effects.append(&mut out.effects);
            queue.extend(out.actions);
        }
        self.chain.durable_copy.issued(&effects, moment.mono);
        let due = self.chain.due();
        if due != self.timer_at {
            self.timer_at = due;
            effects.extend(due.map(Effect::WakeAt));
        }
        if !rendered.changes.is_empty() {
            let (state, zone) = (self.store.state(), &*self.local_time);
            rendered.timeline = self.timeline.update(state, &rendered.changes, zone);
            effects.push(Effect::Render(Box::new(rendered)));
        }
        effects
    }

    /// By how much the wall clock was turned back since the last input: what is shown must not go
    /// back with it. A jump forward may as well be sleep: it only takes back (a negative result)
    /// what was assumed before. A measured clock is measured again with the next ping.
    fn clock_turned_back_ms(&self, moment: Moment) -> Option<i64> {
        let mono_ms = i64::try_from(moment.mono.ms_since(self.last.mono)).unwrap_or(i64::MAX);
        let wall_ms = moment.wall.since(self.last.wall).as_ms();
        let by_ms = mono_ms.saturating_sub(wall_ms).max(-self.state().device.clock.assumed_ms());
        Some(by_ms).filter(|by_ms| by_ms.saturating_abs() > CLOCK_JUMP_MS_MIN)
    }

    pub(super) fn on_intent(&mut self, intent: Intent, moment: Moment, out: &mut Outbox) {
        let server_time = self.server_time(moment.wall);
        let mut recorder = EventRecorder::new(&mut self.ids, server_time, moment.wall);
        let kind = intent.undo_kind();
        match dispatch(intent, self.store.state(), &mut recorder) {
            Ok(dispatched) => {
                out.append(dispatched);
                if let Some(kind) = kind
                    && let Some(step) = recorder.undo_step(self.store.state())
                {
                    out.effects.push(Effect::Remember { step: Box::new(step), kind });
                }
            }
            Err(refusal) => {
                let notice = Notice::Refused(refusal);
                out.actions.push(Action::Local(LocalAction::Notified(notice)));
            }
        }
    }
}

/// For tests that explore states.
#[cfg(feature = "testing")]
impl Core {
    /// Draws ids from another source from now on.
    pub fn reseed(&mut self, ids: IdSource) {
        self.ids = ids;
    }

    /// The middlewares, whose `Debug` output is their whole state.
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }
}

//! The whole program: input in, effects out.

use std::collections::VecDeque;
use std::rc::Rc;

use wizitime_domain::{IdSource, LocalTime, Timestamp};
use wizitime_protocol::phoenix::MonoTime;

use crate::app::Moment;
use crate::app::Outbox;
use crate::app::chain::{CHAIN, Machines};
use crate::app::effect::{Effect, Rendered};
use crate::app::input::Input;
use crate::features::Timeline;
use crate::features::{EventRecorder, Intent, dispatch};
use crate::store::slices::notices::Notice;
use crate::store::{Action, State, Store};

/// The most actions that one input can lead to; more is a loop among middleware.
const ACTIONS_PER_INPUT_MAX: usize = 10_000;
/// A difference between the two clocks, from one input to the next, that is no accident.
const CLOCK_JUMP_MS_MIN: i64 = 2_000;

/// A tab's client. The browser and the simulator drive it alike: they feed it inputs and carry out
/// the effects in their order.
#[derive(Clone)]
pub struct Core {
    pub(super) store: Store,
    pub(super) machines: Machines,
    pub(super) timeline: Timeline,
    pub(super) local_time: Rc<dyn LocalTime>,
    pub(super) last: Moment,
    /// What was last asked to be woken for.
    pub(super) wake_at: Option<MonoTime>,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("state", self.state()).finish_non_exhaustive()
    }
}

impl Core {
    /// Takes in one input.
    pub fn handle(&mut self, input: Input, now: Moment) -> Vec<Effect> {
        let moment = Moment { entropy: self.machines.ids.next_u64(), ..now };
        let mut before = Outbox::default();
        self.watch_clock(now, &mut before);
        let mut effects = self.run(before, moment);
        let mut out = Outbox::default();
        self.translate(input, moment, &mut out);
        effects.append(&mut self.run(out, moment));
        effects
    }

    /// The state, for selectors.
    pub const fn state(&self) -> &State {
        self.store.state()
    }

    /// The machines, for whoever wants to know all that a client will go by.
    pub const fn machines(&self) -> &Machines {
        &self.machines
    }

    /// Draws ids and jitter from another source from now on.
    pub fn reseed(&mut self, ids: IdSource) {
        self.machines.ids = ids;
    }

    /// Entries by day.
    pub const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The server's time as far as it is known, when the device's clock shows `wall`.
    pub const fn server_time(&self, wall: Timestamp) -> Timestamp {
        self.state().device.server_time(wall)
    }

    /// Dispatches what is under way, and what that leads to, until nothing is left.
    pub(super) fn run(&mut self, out: Outbox, moment: Moment) -> Vec<Effect> {
        let mut effects = out.effects;
        let mut queue = VecDeque::from(out.actions);
        let mut rendered = Rendered::default();
        let mut left = ACTIONS_PER_INPUT_MAX;
        while let Some(action) = queue.pop_front() {
            let Some(fewer) = left.checked_sub(1) else {
                debug_assert!(false, "middleware goes round in circles");
                break;
            };
            left = fewer;
            rendered.changes.merge(self.store.dispatch(&action));
            let mut out = Outbox::default();
            for middleware in CHAIN {
                middleware(&mut self.machines, self.store.state(), &action, moment, &mut out);
            }
            effects.append(&mut out.effects);
            queue.extend(out.actions);
        }
        let due = self.machines.due();
        if due != self.wake_at {
            self.wake_at = due;
            effects.extend(due.map(Effect::WakeAt));
        }
        if !rendered.changes.is_empty() {
            let state = self.store.state();
            let zone = &*self.local_time;
            rendered.timeline = self.timeline.update(state, &rendered.changes, zone);
            effects.push(Effect::Render(Box::new(rendered)));
        }
        effects
    }

    /// A clock that was turned back must not turn back what is shown. A jump forward may as well
    /// be sleep, so it is only measured anew, at the next join.
    fn watch_clock(&mut self, now: Moment, out: &mut Outbox) {
        let mono_ms = i64::try_from(now.mono.ms_since(self.last.mono)).unwrap_or(i64::MAX);
        let wall_ms = now.wall.since(self.last.wall).as_ms();
        let back_ms = mono_ms.saturating_sub(wall_ms);
        if back_ms > CLOCK_JUMP_MS_MIN {
            out.actions.push(Action::ClockTurnedBack { by_ms: back_ms });
        }
        self.last = now;
    }

    pub(super) fn user(&mut self, intent: Intent, moment: Moment, out: &mut Outbox) {
        let corrected = self.server_time(moment.wall);
        let state = self.store.state();
        let mut recorder = EventRecorder::new(&mut self.machines.ids, corrected, moment.wall);
        match dispatch(intent, state, &mut recorder) {
            Ok(dispatched) => {
                out.actions.extend(dispatched.actions);
                out.effects.extend(dispatched.effects);
            }
            Err(refusal) => {
                out.actions.push(Action::Notified(Notice::Refused(refusal)));
            }
        }
    }
}

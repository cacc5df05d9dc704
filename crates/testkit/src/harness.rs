//! Devices with the real client core in each tab, and everything that is scheduled for them.

mod lifecycle;
mod perform;

use wizitime::app::Input;
use wizitime::effects::Moment;
use wizitime_domain::{Envelope, EventId, Ledger, Timestamp};
use wizitime_protocol::MonoTime;

use crate::device::{Device, FOREVER_MS, Tab, TabId};
use crate::driver::Driver;
use crate::history::History;
use crate::profile::Profile;
use crate::queue::Queue;
use crate::step::DatabaseRequest;

/// What every device's monotonic clock shows at the beginning.
const MONO_BEGIN_MS: u64 = 1_000;

/// One life of one tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    pub tab: TabId,
    pub life: u64,
}

/// Something that is scheduled.
#[derive(Debug)]
enum Scheduled<E> {
    Input {
        target: Target,
        input: Box<Input>,
    },
    /// A timer; the tab may have asked for another time since.
    Timer {
        target: Target,
        at_ms: u64,
    },
    /// IndexedDB executes a request.
    Request {
        target: Target,
        request: Box<DatabaseRequest>,
        /// When the reply reaches the tab after that; `None` if it never does.
        reply_ms: Option<u64>,
    },
    Driver(E),
}

/// The devices of a test.
#[derive(Debug)]
pub struct Harness<D: Driver> {
    pub driver: D,
    pub devices: Vec<Device<D::Link>>,
    pub history: History,
    /// Milliseconds since the beginning.
    pub now_ms: u64,
    /// What the wall clock of a right device shows at the beginning.
    begin: Timestamp,
    queue: Queue<Scheduled<D::Event>>,
    last_life: u64,
    /// The events that waited in the tab whose input is handled, before it was handled.
    seen: Vec<EventId>,
    /// The events that the tab recorded because of that input and has not shown yet.
    unshown: Vec<Envelope>,
    /// What the tab showed before and after that input, if it was an act of the user.
    acted: Option<(Ledger, Ledger)>,
    violation: Option<String>,
    /// How many inputs are being handled, each because of the one before.
    nested_inputs: u32,
}

impl<D: Driver> Harness<D> {
    /// A harness without devices.
    pub fn new(driver: D, begin: Timestamp) -> Self {
        Self {
            driver,
            devices: Vec::new(),
            history: History::default(),
            now_ms: 0,
            begin,
            queue: Queue::default(),
            last_life: 0,
            seen: Vec::new(),
            unshown: Vec::new(),
            acted: None,
            violation: None,
            nested_inputs: 0,
        }
    }

    /// The right time of day.
    pub fn wall(&self) -> Timestamp {
        let ms = self.begin.as_ms().saturating_add_unsigned(self.now_ms);
        Timestamp::saturating_from_ms(ms)
    }

    /// Both clocks of a device.
    pub fn moment(&self, device: usize) -> Moment {
        let Device { skew_ms, slept_ms, .. } = self.devices[device];
        Moment {
            wall: Timestamp::saturating_from_ms(self.wall().as_ms().saturating_add(skew_ms)),
            mono: MonoTime::from_ms((self.now_ms + MONO_BEGIN_MS).saturating_sub(slept_ms)),
            entropy: entropy(self.now_ms, device),
        }
    }

    /// The open tab, if it still lives this life.
    pub fn tab(&mut self, tab: TabId, life: u64) -> Option<&mut Tab<D::Link>> {
        self.devices[tab.device].tabs[tab.tab].as_mut().filter(|it| it.life == life)
    }

    /// All places for tabs, open or closed.
    pub fn tab_ids(&self) -> Vec<TabId> {
        let devices = self.devices.iter().enumerate();
        let ids = devices
            .flat_map(|(device, it)| (0..it.tabs.len()).map(move |tab| TabId::new(device, tab)));
        ids.collect()
    }

    /// All open tabs that are not frozen for ever.
    pub fn running_tabs(&self) -> impl Iterator<Item = (TabId, &Tab<D::Link>)> {
        self.devices.iter().enumerate().flat_map(|(device, it)| {
            let running = it.open_tabs().filter(|(_, tab)| tab.frozen_until_ms < FOREVER_MS);
            running.map(move |(tab, it)| (TabId::new(device, tab), it))
        })
    }

    /// The other places for tabs on the same device.
    pub fn peers(&self, tab: TabId) -> impl Iterator<Item = TabId> + use<D> {
        let places = 0..self.devices[tab.device].tabs.len();
        places.map(move |it| TabId::new(tab.device, it)).filter(move |it| *it != tab)
    }

    /// The stores of all devices.
    pub fn profiles(&self) -> impl Iterator<Item = &Profile> + Clone {
        self.devices.iter().map(|device| &device.profile)
    }

    /// Records that an invariant is violated; the first violation counts.
    pub fn violate(&mut self, violation: impl Into<String>) {
        self.violation.get_or_insert_with(|| violation.into());
    }

    /// The violation that was recorded, once.
    pub const fn take_violation(&mut self) -> Option<String> {
        self.violation.take()
    }

    /// Schedules an event of the driver.
    pub fn schedule(&mut self, after_ms: u64, event: D::Event) {
        self.queue.schedule(self.now_ms + after_ms, Scheduled::Driver(event));
    }

    /// Schedules an input for a tab, if it is open.
    pub fn input(&mut self, tab: TabId, after_ms: u64, input: Input) {
        if let Some(open) = &self.devices[tab.device].tabs[tab.tab] {
            let (target, input) = (Target { tab, life: open.life }, Box::new(input));
            self.queue.schedule(self.now_ms + after_ms, Scheduled::Input { target, input });
        }
    }

    /// How many events were ever scheduled.
    pub const fn scheduled(&self) -> u64 {
        self.queue.scheduled()
    }

    /// When the next event is due.
    pub fn next_due_ms(&self) -> Option<u64> {
        self.queue.next_due_ms()
    }

    /// Drops scheduled events of the driver by their number, except those that must stay.
    pub fn leave_out(
        &mut self,
        left_out: &std::collections::BTreeSet<u64>,
        must_stay: impl Fn(&D::Event) -> bool,
    ) {
        self.queue.leave_out(left_out, |event| match event {
            Scheduled::Driver(event) => must_stay(event),
            Scheduled::Input { .. } | Scheduled::Timer { .. } | Scheduled::Request { .. } => false,
        });
    }

    /// Lets the next event happen. Returns its time and number; `None` if nothing is scheduled.
    pub fn step(&mut self) -> Option<(u64, u64)> {
        let (at_ms, nth, event) = self.queue.pop()?;
        self.now_ms = self.now_ms.max(at_ms);
        self.happen(event);
        Some((at_ms, nth))
    }

    /// Lets everything happen that is due until then.
    pub fn run_until(&mut self, until_ms: u64) {
        while self.next_due_ms().is_some_and(|due_ms| due_ms <= until_ms) {
            self.step();
        }
        self.now_ms = self.now_ms.max(until_ms);
    }

    fn happen(&mut self, event: Scheduled<D::Event>) {
        if let Some(until_ms) = self.frozen_until(&event) {
            // The events of a frozen tab keep their order.
            return self.queue.schedule(until_ms, event);
        }
        match event {
            Scheduled::Input { target, input } => {
                self.driver
                    .trace(self.now_ms, || format!("{} receives {}", target.tab, name(&input)));
                self.feed(target.tab, target.life, *input);
            }
            Scheduled::Timer { target, at_ms } => self.timer(target, at_ms),
            Scheduled::Request { target, request, reply_ms } => {
                self.execute(target, *request, reply_ms);
            }
            Scheduled::Driver(event) => D::event(self, event),
        }
    }

    fn timer(&mut self, target: Target, at_ms: u64) {
        let Target { tab, life } = target;
        let now_ms = self.now_ms;
        let Some(open) = self.tab(tab, life).filter(|it| it.timer_ms == Some(at_ms)) else {
            return;
        };
        open.timer_ms = None;
        if open.wake_ms.take_if(|wake_ms| *wake_ms <= now_ms).is_some() {
            self.feed(tab, life, Input::TimerFired);
        } else {
            self.set_timer(target);
        }
    }

    /// Until when an event waits because it is for a frozen tab.
    fn frozen_until(&self, event: &Scheduled<D::Event>) -> Option<u64> {
        let target = match event {
            Scheduled::Input { target, .. }
            | Scheduled::Timer { target, .. }
            | Scheduled::Request { target, .. } => *target,
            Scheduled::Driver(event) => D::target(event)?,
        };
        let tab = self.devices[target.tab.device].tabs[target.tab.tab].as_ref()?;
        let is_frozen = tab.life == target.life && tab.frozen_until_ms > self.now_ms;
        is_frozen.then_some(tab.frozen_until_ms)
    }

    /// Freezes a tab until then.
    pub fn freeze(&mut self, tab: TabId, until_ms: u64) {
        if let Some(open) = &mut self.devices[tab.device].tabs[tab.tab] {
            open.frozen_until_ms = open.frozen_until_ms.max(until_ms);
        }
    }

    /// Lets a frozen tab continue now with everything that waits for it.
    pub fn thaw(&mut self, tab: TabId) {
        let Some(open) = &mut self.devices[tab.device].tabs[tab.tab] else { return };
        open.frozen_until_ms = 0;
        self.queue.reschedule(self.now_ms, |event| match event {
            Scheduled::Input { target, .. }
            | Scheduled::Timer { target, .. }
            | Scheduled::Request { target, .. } => target.tab == tab,
            Scheduled::Driver(event) => D::target(event).is_some_and(|target| target.tab == tab),
        });
    }
}

/// Jitter that differs from one moment to the next and from device to device.
fn entropy(now_ms: u64, device: usize) -> u64 {
    (now_ms + 1 + ((device as u64) << 40)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32)
}

/// The name of an input, without its data.
fn name(input: &Input) -> String {
    let text = format!("{input:?}");
    text.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
}

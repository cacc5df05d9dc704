//! Describes transitions in words.

use crate::runner::Runner;
use crate::table::Id;
use crate::transition::{FaultStep, NormalStep, Transition};
use crate::world::{BrowserMessage, Down};

/// The most characters of one line.
const CHARS_MAX: usize = 300;

impl Runner<'_> {
    /// Describes a transition.
    pub(crate) fn describe(&self, action: Transition) -> String {
        let now_ms = self.world.now_ms;
        let text = match action {
            Transition::Normal(it) => self.describe_step(it),
            Transition::Fault(FaultStep::KillWithin(at, steps)) => {
                format!("FAULT: killed after {steps} operations of: {}", self.describe_step(at))
            }
            Transition::Fault(FaultStep::BrowserWithin { at, operations: steps, kept }) => {
                let text = self.describe_step(at);
                format!("FAULT: browser killed after {steps} operations, {kept} kept, of: {text}")
            }
            Transition::Fault(FaultStep::Refuse(at, number)) => {
                format!("FAULT: value {number} is refused at: {}", self.describe_step(at))
            }
            Transition::Fault(strike) => format!("FAULT: {strike:?}"),
        };
        let text: String = text.chars().take(CHARS_MAX).collect();
        format!("{now_ms:>7} ms  {text}")
    }

    fn name(&self, tab: u8) -> String {
        format!("{}.{}", self.scope.device_of(tab), tab % self.scope.tabs_per_device)
    }

    fn describe_step(&self, it: NormalStep) -> String {
        match it {
            NormalStep::Connect(tab) => format!("{} is connected", self.name(tab)),
            NormalStep::Serve(tab) => {
                let conn = self.world.tabs[usize::from(tab)].conn.as_ref();
                let frame = conn.and_then(|it| it.up.first()).map(|it| self.frame(*it));
                format!("the server gets of {}: {}", self.name(tab), frame.unwrap_or_default())
            }
            NormalStep::Receive(tab) => {
                let conn = self.world.tabs[usize::from(tab)].conn.as_ref();
                let text = match conn.and_then(|it| it.down.first()) {
                    Some(Down::Frame(frame)) => self.frame(*frame),
                    Some(Down::Closed) => "the connection is closed".to_owned(),
                    None => String::new(),
                };
                format!("{} gets: {text}", self.name(tab))
            }
            NormalStep::Stored(tab) => {
                let input = self.world.tabs[usize::from(tab)].stored.first();
                let input = input.map(|it| self.input(*it)).unwrap_or_default();
                format!("{} receives {input}", self.name(tab))
            }
            NormalStep::BrowserMessage(tab) => {
                let text = match self.world.tabs[usize::from(tab)].messages.first() {
                    Some(BrowserMessage::Lock) => "that it has the lock".to_owned(),
                    Some(BrowserMessage::Input(input)) => self.input(*input),
                    None => String::new(),
                };
                format!("{} receives {text}", self.name(tab))
            }
            NormalStep::Database(device) => {
                let requests = &self.world.devices[usize::from(device)].requests;
                let request = self.world.next_request(device).map(|next| requests[next]);
                let text = request.map(|it| {
                    format!(
                        "{} {:?}",
                        self.name(it.tab),
                        self.interner.changes.get(it.change).change
                    )
                });
                format!("IndexedDB executes for {}", text.unwrap_or_default())
            }
            NormalStep::Wake(tab) => format!("{} is woken", self.name(tab)),
            NormalStep::Act(tab) => {
                format!("the user in {}: {:?}", self.name(tab), self.intent(tab))
            }
            NormalStep::Open(tab) => format!("{} is opened", self.name(tab)),
            NormalStep::Thaw(tab) => format!("{} continues", self.name(tab)),
            NormalStep::Pass => "time passes".to_owned(),
        }
    }

    fn frame(&self, frame: Id) -> String {
        String::clone(&self.interner.frames.get(frame))
    }

    fn input(&self, input: Id) -> String {
        format!("{:?}", self.interner.inputs.get(input))
    }
}

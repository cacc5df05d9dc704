//! Tells what happens, for people.

use crate::action::{Action, Move, Strike};
use crate::play::Play;
use crate::table::Id;
use crate::world::{Down, Told};

/// The most letters of one line.
const LETTERS_MAX: usize = 300;

impl Play<'_> {
    /// What is about to happen.
    pub(crate) fn tell(&self, action: Action) -> String {
        let now_ms = self.world.now_ms;
        let text = match action {
            Action::Move(it) => self.tell_move(it),
            Action::Strike(Strike::KillWithin(at, steps)) => {
                format!("FAULT: killed after {steps} things of: {}", self.tell_move(at))
            }
            Action::Strike(Strike::BrowserWithin { at, steps, kept }) => {
                let text = self.tell_move(at);
                format!("FAULT: browser killed after {steps} things, {kept} kept, of: {text}")
            }
            Action::Strike(Strike::Refuse(at, number)) => {
                format!("FAULT: value {number} does not fit at: {}", self.tell_move(at))
            }
            Action::Strike(strike) => format!("FAULT: {strike:?}"),
        };
        let text: String = text.chars().take(LETTERS_MAX).collect();
        format!("{now_ms:>7} ms  {text}")
    }

    fn name(&self, tab: u8) -> String {
        format!("{}.{}", self.scope.device_of(tab), tab % self.scope.tabs_per_device)
    }

    fn tell_move(&self, it: Move) -> String {
        match it {
            Move::Connect(tab) => format!("{} is connected", self.name(tab)),
            Move::Serve(tab) => {
                let conn = self.world.tabs[usize::from(tab)].conn.as_ref();
                let frame = conn.and_then(|it| it.up.first()).map(|it| self.frame(*it));
                format!("the server gets of {}: {}", self.name(tab), frame.unwrap_or_default())
            }
            Move::Hear(tab) => {
                let conn = self.world.tabs[usize::from(tab)].conn.as_ref();
                let text = match conn.and_then(|it| it.down.first()) {
                    Some(Down::Frame(frame)) => self.frame(*frame),
                    Some(Down::Closed) => "the connection is closed".to_owned(),
                    None => String::new(),
                };
                format!("{} gets: {text}", self.name(tab))
            }
            Move::Stored(tab) => {
                let input = self.world.tabs[usize::from(tab)].stored.first();
                let input = input.map(|it| self.input(*it)).unwrap_or_default();
                format!("{} hears {input}", self.name(tab))
            }
            Move::Told(tab) => {
                let text = match self.world.tabs[usize::from(tab)].told.first() {
                    Some(Told::Lock) => "that it has the lock".to_owned(),
                    Some(Told::Input(input)) => self.input(*input),
                    None => String::new(),
                };
                format!("{} hears {text}", self.name(tab))
            }
            Move::Disk(device) => {
                let requests = &self.world.devices[usize::from(device)].requests;
                let request = self.world.next_request(device).map(|next| requests[next]);
                let text = request.map(|it| {
                    format!("{} {:?}", self.name(it.tab), self.lore.acts.get(it.deed).deed)
                });
                format!("IndexedDB does for {}", text.unwrap_or_default())
            }
            Move::Wake(tab) => format!("{} is woken", self.name(tab)),
            Move::Act(tab) => format!("the person in {}: {:?}", self.name(tab), self.intent(tab)),
            Move::Open(tab) => format!("{} is opened", self.name(tab)),
            Move::Thaw(tab) => format!("{} goes on", self.name(tab)),
            Move::Pass => "time passes".to_owned(),
        }
    }

    fn frame(&self, frame: Id) -> String {
        String::clone(&self.lore.frames.get(frame))
    }

    fn input(&self, input: Id) -> String {
        format!("{:?}", self.lore.inputs.get(input))
    }
}

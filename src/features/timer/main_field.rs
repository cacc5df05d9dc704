//! The description field of the timer card, as a state machine.
//!
//! The field shows the running entry, or else the next one. What is typed belongs to what the field
//! showed when typing began, until the text is submitted, discarded, or the field is left.

use wizitime_domain::{EntryId, ProjectId};

/// The target of a text for the next entry, in storage.
const NEXT: &str = "next";

/// The entry that the clock is started for next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextEntry {
    pub description: String,
    /// None until the user chooses one.
    pub project_id: Option<ProjectId>,
}

/// What the text in the field belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MainTarget {
    /// Nothing was typed: the field follows what runs.
    #[default]
    Shown,
    /// The next entry, also if another one was started meanwhile.
    Next,
    /// This entry, also if it does not run any more.
    Entry(EntryId),
}

/// What to do with a submitted text. The draft is kept until it was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MainCommand {
    /// Start the next entry.
    Start { description: String, project_id: Option<ProjectId> },
    /// Change the description of an entry.
    Describe { entry_id: EntryId, description: String },
}

/// What the user should know about the text in the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MainHint {
    /// The text belongs to the next entry while another one runs.
    AnotherRuns,
    /// The text belongs to an entry that does not run any more.
    NotRunning,
    /// The field shows the running entry; this text waits for the next one.
    NextWaits(String),
}

/// The text in the field, and what it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MainField {
    pub next: NextEntry,
    target: MainTarget,
    /// The description that is typed for the entry of the target.
    edited: String,
}

impl MainField {
    /// The entry whose description and project the timer card shows; the next entry if none.
    pub const fn shown_entry(&self, running: Option<EntryId>) -> Option<EntryId> {
        match self.target {
            MainTarget::Shown => running,
            MainTarget::Next => None,
            MainTarget::Entry(entry_id) => Some(entry_id),
        }
    }

    /// The text in the field; none if it is the description of the shown entry.
    pub fn main_text(&self, running: Option<EntryId>) -> Option<&str> {
        match self.target {
            MainTarget::Shown if running.is_some() => None,
            MainTarget::Shown | MainTarget::Next => Some(&self.next.description),
            MainTarget::Entry(_) => Some(&self.edited),
        }
    }

    /// Whether a description is typed for an entry that has another one.
    pub const fn is_edited(&self) -> bool {
        matches!(self.target, MainTarget::Entry(_))
    }

    /// Whether the text in the field is for this entry.
    pub fn belongs_to(&self, entry_id: EntryId) -> bool {
        self.target == MainTarget::Entry(entry_id)
    }

    /// The user typed.
    pub fn type_main(&mut self, text: String, running: Option<EntryId>) {
        match self.shown_entry(running) {
            None => {
                self.target = MainTarget::Next;
                self.next.description = text;
            }
            Some(entry_id) => {
                self.target = MainTarget::Entry(entry_id);
                self.edited = text;
            }
        }
    }

    /// The user pressed Enter.
    pub fn enter_main(&self, running: Option<EntryId>) -> Option<MainCommand> {
        match self.shown_entry(running) {
            None => Some(self.start_next()),
            Some(_) => self.describe(),
        }
    }

    /// The user left the field. A text for the next entry stays in the field.
    pub fn leave_main(&mut self, running: Option<EntryId>) -> Option<MainCommand> {
        let is_alone = running.is_none() || self.next.description.trim().is_empty();
        if self.target == MainTarget::Next && is_alone {
            self.target = MainTarget::Shown;
        }
        self.describe()
    }

    /// The user pressed Escape: a changed description is discarded; a text for the next entry makes
    /// way for the running one and is kept.
    pub fn escape_main(&mut self) {
        self.target = MainTarget::Shown;
    }

    /// The next entry was started.
    pub fn next_started(&mut self) {
        *self = Self::default();
    }

    /// The description was changed.
    pub fn described(&mut self, entry_id: EntryId) {
        if self.target == MainTarget::Entry(entry_id) {
            self.target = MainTarget::Shown;
        }
    }

    /// The command that starts the next entry.
    pub fn start_next(&self) -> MainCommand {
        MainCommand::Start {
            description: self.next.description.trim().to_owned(),
            project_id: self.next.project_id,
        }
    }

    /// What to explain next to the field.
    pub fn main_hint(&self, running: Option<EntryId>) -> Option<MainHint> {
        let next = self.next.description.trim();
        match self.target {
            MainTarget::Next if running.is_some() => Some(MainHint::AnotherRuns),
            MainTarget::Entry(entry_id) if running != Some(entry_id) => Some(MainHint::NotRunning),
            MainTarget::Shown if running.is_some() && !next.is_empty() => {
                Some(MainHint::NextWaits(next.to_owned()))
            }
            MainTarget::Shown | MainTarget::Next | MainTarget::Entry(_) => None,
        }
    }

    /// The field as text, for storage; none if nothing is filled in. Four lines: the target, the
    /// project, the description of the next entry, and that of the target's entry. A field of a
    /// page has no line breaks.
    pub fn to_text(&self) -> Option<String> {
        let target = match self.target {
            MainTarget::Shown if self.next == NextEntry::default() => return None,
            MainTarget::Shown => String::new(),
            MainTarget::Next => NEXT.to_owned(),
            MainTarget::Entry(entry_id) => entry_id.to_string(),
        };
        let project_id = self.next.project_id.map(|id| id.to_string()).unwrap_or_default();
        Some(format!("{target}\n{project_id}\n{}\n{}", self.next.description, self.edited()))
    }

    /// Reads a stored field. What cannot be read is left out.
    pub fn from_text(text: &str) -> Self {
        let mut lines = text.splitn(4, '\n');
        let mut line = || lines.next().unwrap_or_default();
        let target = match line() {
            NEXT => MainTarget::Next,
            name => name.parse().map_or(MainTarget::Shown, MainTarget::Entry),
        };
        let project_id = line().parse().ok();
        let next = NextEntry { project_id, description: line().to_owned() };
        Self { next, target, edited: line().to_owned() }
    }

    /// The description that is typed for the entry of the target; empty without one.
    fn edited(&self) -> &str {
        match self.target {
            MainTarget::Entry(_) => &self.edited,
            MainTarget::Shown | MainTarget::Next => "",
        }
    }

    fn describe(&self) -> Option<MainCommand> {
        let MainTarget::Entry(entry_id) = self.target else { return None };
        Some(MainCommand::Describe { entry_id, description: self.edited.trim().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: EntryId = EntryId::from_bytes([1; 16]);
    const Y: EntryId = EntryId::from_bytes([2; 16]);

    fn start(description: &str) -> MainCommand {
        MainCommand::Start { description: description.to_owned(), project_id: None }
    }

    fn describe(entry_id: EntryId, description: &str) -> MainCommand {
        MainCommand::Describe { entry_id, description: description.to_owned() }
    }

    fn typed(text: &str, running: Option<EntryId>) -> MainField {
        let mut field = MainField::default();
        field.type_main(text.to_owned(), running);
        field
    }

    #[test]
    fn text_of_the_next_entry_is_kept_when_another_device_starts_one() {
        let mut field = typed("Offer for Acme", None);
        assert_eq!(field.main_text(Some(Y)), Some("Offer for Acme"));
        assert_eq!(field.main_hint(Some(Y)), Some(MainHint::AnotherRuns));
        field.type_main("Offer for Acme!".to_owned(), Some(Y));
        assert_eq!(field.enter_main(Some(Y)), Some(start("Offer for Acme!")));
    }

    #[test]
    fn text_of_the_next_entry_stays_when_the_field_is_left() {
        let mut field = typed("Offer for Acme", None);
        assert_eq!(field.leave_main(Some(Y)), None);
        assert_eq!(field.main_text(Some(Y)), Some("Offer for Acme"));
        field.escape_main();
        assert_eq!(field.main_text(Some(Y)), None, "the running entry is shown");
        let waits = MainHint::NextWaits("Offer for Acme".to_owned());
        assert_eq!(field.main_hint(Some(Y)), Some(waits));
        assert_eq!(field.main_text(None), Some("Offer for Acme"), "and it is there after the stop");
    }

    #[test]
    fn text_of_a_running_entry_belongs_to_it_when_another_one_starts() {
        let mut field = typed("X with Bob", Some(X));
        assert_eq!(field.main_hint(Some(X)), None);
        assert_eq!(field.main_hint(Some(Y)), Some(MainHint::NotRunning));
        field.type_main("X with Bob!".to_owned(), Some(Y));
        assert_eq!(field.leave_main(Some(Y)), Some(describe(X, "X with Bob!")));
        field.described(X);
        assert_eq!(field.main_text(Some(Y)), None, "now the field shows what runs");
    }

    #[test]
    fn text_of_a_running_entry_belongs_to_it_when_it_is_stopped() {
        let field = typed("X with Bob", Some(X));
        assert_eq!(field.main_text(None), Some("X with Bob"));
        assert_eq!(field.enter_main(None), Some(describe(X, "X with Bob")));
    }

    #[test]
    fn nothing_is_cleared_until_the_command_was_carried_out() {
        let mut field = typed("Offer", None);
        field.next.project_id = Some(ProjectId::from_bytes([9; 16]));
        let before = field.clone();
        field.enter_main(None);
        assert_eq!(field, before);
        field.next_started();
        assert_eq!(field, MainField::default());
    }

    #[test]
    fn stored_field_is_restored_with_its_target() {
        let mut waiting = typed("Offer", None);
        waiting.next.project_id = Some(ProjectId::from_bytes([9; 16]));
        waiting.escape_main();
        let mut both = waiting.clone();
        both.type_main("X with Bob".to_owned(), Some(X));
        for field in [typed("Offer", None), typed("", Some(X)), waiting, both] {
            let text = field.to_text().unwrap();
            assert_eq!(MainField::from_text(&text), field, "{text:?}");
        }
        assert_eq!(MainField::from_text(""), MainField::default());
    }

    #[test]
    fn field_with_nothing_filled_in_is_not_stored() {
        let mut field = typed("X with Bob", Some(X));
        field.described(X);
        assert_eq!((field.to_text(), MainField::default().to_text()), (None, None));
    }

    #[test]
    fn escape_discards_a_changed_description() {
        let mut field = typed("X with Bob", Some(X));
        field.escape_main();
        assert_eq!(field.main_text(Some(X)), None);
        assert_eq!(field.leave_main(Some(X)), None);
    }

    #[test]
    fn field_follows_the_clock_when_nothing_was_typed() {
        let mut field = MainField::default();
        assert_eq!(field.main_text(Some(X)), None);
        assert_eq!(field.main_text(None), Some(""));
        assert_eq!((field.enter_main(Some(X)), field.enter_main(None)), (None, Some(start(""))));
        assert_eq!(field.leave_main(Some(X)), None);
        field.type_main("a".to_owned(), None);
        field.type_main(String::new(), None);
        assert_eq!(field.leave_main(Some(Y)), None);
        assert_eq!(field.main_text(Some(Y)), None, "an emptied field shows what runs");
    }
}

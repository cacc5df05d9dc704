//! Drafts: texts that are typed and not submitted, by the place where they are typed. Each has a
//! key of its own in localStorage, `wizi-draft.<tab>.<owner>.<place>`, so that nothing is parsed or
//! written but what changed.

use std::fmt;

use wizitime_domain::EntryId;

use crate::store::record::Owner;
use crate::sync::owner_name;

#[cfg(target_arch = "wasm32")]
pub(crate) mod components;

/// The prefix of the keys. Keys of the event machinery begin with `wizi.`.
pub const DRAFT_PREFIX: &str = "wizi-draft.";
/// The most bytes of a tab's drafts. A text beyond that is only in its field.
pub const DRAFT_BYTES_MAX: usize = 64 * 1024;
/// The most drafts that are kept in storage, of all tabs, open or gone.
pub const STORED_DRAFTS_MAX: usize = 200;

/// The place of the description field of the timer card.
pub const MAIN: &str = "main";
/// The place of the form for manual entries.
pub const MANUAL: &str = "manual";

/// The field of an entry, or of the form for manual entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DraftPlace {
    /// None in the form for manual entries.
    pub entry_id: Option<EntryId>,
    /// A word without dots.
    pub field: &'static str,
}

impl DraftPlace {
    /// A field of an entry, wherever on the page it is edited.
    pub const fn of_entry(entry_id: EntryId, field: &'static str) -> Self {
        Self { entry_id: Some(entry_id), field }
    }

    /// A field of the form for manual entries.
    pub const fn manual(field: &'static str) -> Self {
        Self { entry_id: None, field }
    }
}

/// `01890a5d-ac96-774b-bcce-b302099a8057.start`, `manual.start`. It is the id of the field on the
/// page as well.
impl fmt::Display for DraftPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entry_id {
            Some(entry_id) => write!(f, "{entry_id}.{}", self.field),
            None => write!(f, "{MANUAL}.{}", self.field),
        }
    }
}

/// The drafts of a tab, by place, in the order in which they were begun.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drafts(Vec<(String, String)>);

impl Drafts {
    /// No drafts.
    pub const EMPTY: Self = Self(Vec::new());

    /// The text of a place.
    pub fn get(&self, place: &str) -> Option<&str> {
        self.0.iter().find(|(it, _)| it == place).map(|(_, text)| text.as_str())
    }

    /// Keeps a text, or removes it. Returns false if nothing changed, or there is no space.
    pub fn set(&mut self, place: &str, text: Option<&str>) -> bool {
        if self.get(place) == text {
            return false;
        }
        let Some(text) = text else {
            self.0.retain(|(it, _)| it != place);
            return true;
        };
        let others = self.0.iter().filter(|(it, _)| it != place);
        let bytes: usize = others.map(|(it, text)| it.len() + text.len()).sum();
        if bytes + place.len() + text.len() > DRAFT_BYTES_MAX {
            return false;
        }
        match self.0.iter_mut().find(|(it, _)| it == place) {
            Some((_, old)) => text.clone_into(old),
            None => self.0.push((place.to_owned(), text.to_owned())),
        }
        true
    }

    /// All places and texts.
    pub fn all(&self) -> &[(String, String)] {
        &self.0
    }

    /// The places that begin with a name: those of an entry, or of the form for manual entries.
    pub fn places_of(&self, name: &str) -> Vec<String> {
        let places = self.0.iter().map(|(place, _)| place);
        places.filter(|place| place.starts_with(name)).cloned().collect()
    }

    /// What the user typed, without what is only chosen or blank.
    pub fn texts(&self) -> Vec<String> {
        let typed = self.0.iter().flat_map(|(place, text)| typed_texts(place, text));
        typed.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
    }
}

/// What a user typed at a place. The last line of [`MAIN`] and [`MANUAL`] is a text, and so is the
/// last but one of [`MAIN`]; the others are ids and numbers.
fn typed_texts<'a>(place: &str, text: &'a str) -> Vec<&'a str> {
    let count = if place == MAIN { 2 } else { 1 };
    text.rsplit('\n').take(count).collect()
}

/// The text of a place that belongs to an entry, for a user who looks for it.
pub fn typed_text<'a>(place: &str, text: &'a str) -> &'a str {
    typed_texts(place, text).first().copied().unwrap_or_default()
}

/// The entry that the text of a place belongs to.
pub fn entry_of(place: &str, text: &str) -> Option<EntryId> {
    let name = if place == MAIN { text.split('\n').next() } else { place.split('.').next() };
    name?.parse().ok()
}

/// The key of a draft.
pub fn draft_key(tab: &str, owner: Owner, place: &str) -> String {
    [DRAFT_PREFIX, tab, ".", &owner_name(owner), ".", place].concat()
}

/// Whether a key is one of `owner`.
pub fn is_draft_of(key: &str, owner: Owner) -> bool {
    parse_draft_key(key).is_some_and(|(_, name, _)| name == owner_name(owner))
}

/// The tab, the name of the owner and the place in a key.
pub fn parse_draft_key(key: &str) -> Option<(&str, &str, &str)> {
    let (tab, rest) = key.strip_prefix(DRAFT_PREFIX)?.split_once('.')?;
    let (owner, place) = rest.split_once('.')?;
    Some((tab, owner, place))
}

/// The keys that are removed while `owner` uses the app: those of other users, and the oldest
/// beyond [`STORED_DRAFTS_MAX`]. Ids of tabs are in the order of creation.
pub fn surplus_keys(keys: &[String], owner: Owner) -> Vec<&String> {
    let is_surplus = |key: &&String| {
        let is_visible = is_draft_of(key, owner) || is_draft_of(key, Owner::Guest);
        // Sorting would be more code, and there are few.
        let newer = keys.iter().filter(|other| other > key).count();
        !is_visible || newer >= STORED_DRAFTS_MAX
    };
    keys.iter().filter(is_surplus).collect()
}

#[cfg(test)]
mod tests;

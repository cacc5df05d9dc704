//! What is shown of drafts whose fields are gone.

mod lost_drafts;

pub(crate) use lost_drafts::LostDrafts;

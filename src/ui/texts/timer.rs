//! The timer card.

pub(crate) const DESCRIPTION_PROMPT: &str = "What are you working on?";
pub(crate) const SUGGESTIONS: &str = "What you worked on before";
pub(crate) const START: &str = "Start";
pub(crate) const STOP: &str = "Stop";
pub(crate) const RUNNING_TIME: &str = "Running time";
pub(crate) const STARTED: &str = "Started";
pub(crate) const STARTED_AT: &str = "Started at";
pub(crate) const STILL_RUNNING: &str = "Still running?";
pub(crate) const CHECK_CLOCK: &str =
    "Check this device's clock: it is earlier than this start, or was turned back.";

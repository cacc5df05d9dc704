//! Whether single keys are shortcuts in this browser. It is not a setting of the account: what a
//! user types with, or speaks to, differs from one device to the next.

use super::inbox::report;
use super::local_storage;

/// A key that exists while shortcuts are off, for all tabs.
const OFF_KEY: &str = "wizi-shortcuts-off";

/// Whether shortcuts act.
pub fn is_on() -> bool {
    !local_storage::contains(OFF_KEY)
}

/// Turns shortcuts on or off.
pub fn set(is_on: bool) {
    if is_on {
        local_storage::remove(OFF_KEY);
    } else if let Err(error) = local_storage::store(OFF_KEY, "") {
        report("shortcuts could not be turned off", &error);
    }
}

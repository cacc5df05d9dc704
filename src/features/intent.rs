//! Everything a user can ask for.

use super::account::AccountIntent;
use super::entries::EntryIntent;
use super::notices::NoticeIntent;
use super::projects::ProjectIntent;
use super::sync_status::SyncIntent;
use super::timer::TimerIntent;

/// What a user wants, by feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    Timer(TimerIntent),
    Entry(EntryIntent),
    Project(ProjectIntent),
    Sync(SyncIntent),
    Account(AccountIntent),
    Notice(NoticeIntent),
}

//! Entries by day, the latest days first, under their weeks; older days on demand.

use leptos::prelude::*;
use wizitime_domain::{Day, day_of};

use super::day_section::DaySection;
use super::empty_state::EmptyState;
use super::week_header::WeekHeader;
use crate::browser::{self, clock::BrowserZone};
use crate::features::{DayList, select_day_list};
use crate::ui::context::{DialogKind, Ui, use_ui, week_start};
use crate::ui::store::{use_days, use_running, use_zone_name};
use crate::ui::texts;
use crate::ui::widgets::{Key, KeyedList, ShowIf};

/// Days that are shown at first, of those up to today.
const INITIAL_DAYS: usize = 14;
/// Days that "Show more" adds.
const MORE_DAYS: usize = 28;

/// A row of the list: a day, or the header of a week by its first day.
#[derive(Clone, Copy)]
struct Row {
    day: Day,
    is_week: bool,
    /// A row is built again when the time zone changes: its days begin at other instants.
    zone_hash: u32,
}

impl Key for Row {
    fn to_bits(self) -> u128 {
        u128::from(self.zone_hash) << 96 | self.day.to_bits() << 1 | u128::from(self.is_week)
    }

    fn from_bits(bits: u128) -> Self {
        let day = Day::from_bits(bits >> 1);
        Self { day, is_week: bits & 1 == 1, zone_hash: (bits >> 96) as u32 }
    }
}

fn day_list(ui: Ui, limit: usize) -> DayList {
    let running_since = use_running().map(|entry| day_of(entry.started_at, &BrowserZone));
    let today = ui.clock.today.get();
    use_days(|days| select_day_list(days, running_since, today, limit))
}

fn rows(ui: Ui, limit: usize) -> Vec<Row> {
    let starts_on = week_start();
    // FNV-1a.
    let hash = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let zone_hash = use_zone_name().bytes().fold(0x811c_9dc5, hash);
    let mut week = None;
    let mut rows = Vec::new();
    for day in day_list(ui, limit).days {
        let first = day.week_start(starts_on);
        if week != Some(first) {
            rows.push(Row { day: first, is_week: true, zone_hash });
            week = Some(first);
        }
        rows.push(Row { day, is_week: false, zone_hash });
    }
    rows
}

/// Whether there is any entry, deleted or not.
fn has_any() -> bool {
    use_days(|_| ());
    browser::with_core(|core| core.state().ledger.shown().entries().next().is_some())
}

/// The list.
#[component]
pub(crate) fn EntryList() -> AnyView {
    let ui = use_ui();
    let limit = RwSignal::new(INITIAL_DAYS);
    let row = |row: Row| match row.is_week {
        true => view! { <WeekHeader first=row.day/> },
        false => view! { <DaySection day=row.day/> },
    };
    view! {
        <section class="history" aria-label=texts::ENTRIES>
            <KeyedList keys=move || rows(ui, limit.get()) children=row/>
            <ShowIf when=|| use_days(|days| days.next().is_none())><EmptyState/></ShowIf>
            <ShowIf when=move || day_list(ui, limit.get()).has_more>
                <button type="button" class="btn btn--plain more"
                    on:click=move |_| limit.update(|limit| *limit += MORE_DAYS)>
                    {texts::SHOW_MORE}
                </button>
            </ShowIf>
            <ShowIf when=has_any>
                <button type="button" class="btn btn--quiet more" aria-haspopup="dialog"
                    on:click=move |_| ui.dialog.set(Some(DialogKind::Bin))>
                    {texts::BIN}
                </button>
            </ShowIf>
        </section>
    }
    .into_any()
}

//! What happened to the account: sign-ins, failed ones, and changes of the password.

use leptos::prelude::*;
use wizitime_domain::{Timestamp, day_of};

use super::request::error_text;
use crate::browser::account_api::{self, AccountApiError, Activity};
use crate::browser::clock::BrowserZone;
use crate::ui::context::format_time;
use crate::ui::intl::{DateParts, format_date};
use crate::ui::texts;

/// How many events are shown.
const SHOWN_MAX: usize = 20;

/// The list, as far as it is known.
type Listed = Option<Result<Vec<Activity>, AccountApiError>>;

/// The card. It asks again when the network is back.
#[component]
pub(super) fn RecentActivity(online: RwSignal<bool>) -> AnyView {
    let listed: RwSignal<Listed> = RwSignal::new(None);
    Effect::new(move || {
        if online.get() || listed.with_untracked(Option::is_none) {
            leptos::task::spawn_local(async move {
                let activity = account_api::activity().await;
                // The user may have left the page before the server replies.
                let _: Option<Listed> = listed.try_set(Some(activity));
            });
        }
    });
    let content = move || match listed.get() {
        None => view! { <p class="card__text">{texts::DEVICES_LOADING}</p> }.into_any(),
        Some(Ok(events)) => {
            let rows = events.into_iter().take(SHOWN_MAX).map(row);
            view! { <ul class="devices">{rows.collect_view()}</ul> }.into_any()
        }
        Some(Err(AccountApiError::NotFound)) => {
            view! { <p class="card__text">{texts::ACTIVITY_NOT_OFFERED}</p> }.into_any()
        }
        Some(Err(error)) => view! {
            <p class="outcome outcome--error" role="alert">{error_text(error)}</p>
        }
        .into_any(),
    };
    view! {
        <section class="card" aria-labelledby="activity-title">
            <h2 class="card__title" id="activity-title">{texts::ACTIVITY_TITLE}</h2>
            <p class="card__text">{texts::ACTIVITY_LEAD}</p>
            {content}
        </section>
    }
    .into_any()
}

fn row(activity: Activity) -> AnyView {
    let Activity { at, event, address } = activity;
    let source = address.unwrap_or_else(|| texts::BY_OPERATOR.to_owned());
    let about = format!("{}, {source}", time(at));
    view! {
        <li class="devices__item">
            <span class="devices__about">
                <b>{texts::activity(&event).to_owned()}</b>
                <span class="devices__since">{about}</span>
            </span>
        </li>
    }
    .into_any()
}

fn time(at: Timestamp) -> String {
    let date = format_date(day_of(at, &BrowserZone), DateParts::DayMonthYear);
    format!("{date}, {}", format_time(at))
}

//! The devices on which the account is signed in.

use leptos::prelude::*;
use wizitime_domain::{Timestamp, day_of};

use super::request::{Requests, error_text};
use crate::browser::account_api::{self, AccountApiError, Device};
use crate::browser::clock::BrowserZone;
use crate::ui::context::format_time;
use crate::ui::intl::{DateParts, format_date};
use crate::ui::texts;

/// The list, as far as it is known.
type Listed = Option<Result<Vec<Device>, AccountApiError>>;

/// The card. `ended` receives the sentence that remains when this device is signed out too.
#[component]
pub(super) fn Devices(online: RwSignal<bool>, ended: RwSignal<Option<&'static str>>) -> AnyView {
    let listed = RwSignal::new(None);
    let requests = Requests::new();
    let load = Callback::new(move |()| {
        leptos::task::spawn_local(list(listed));
    });
    // Again when the network is back.
    Effect::new(move || {
        if online.get() || listed.with_untracked(Option::is_none) {
            load.run(());
        }
    });
    let sign_out_everywhere = move |_| {
        requests.start(Box::pin(async move {
            account_api::sign_out_everywhere().await?;
            ended.set(Some(texts::SIGNED_OUT_EVERYWHERE));
            Ok(String::new())
        }));
    };
    let content = move || match listed.get() {
        None => view! { <p class="card__text">{texts::DEVICES_LOADING}</p> }.into_any(),
        Some(Ok(devices)) => {
            let rows = devices.into_iter().map(|device| row(device, listed, requests));
            view! { <ul class="devices">{rows.collect_view()}</ul> }.into_any()
        }
        Some(Err(error)) => view! {
            <p class="outcome outcome--error" role="alert">{error_text(error)}</p>
            <div class="buttons">
                <button type="button" class="btn btn--plain" on:click=move |_| {
                    listed.set(None);
                    load.run(());
                }>{texts::TRY_AGAIN}</button>
            </div>
        }
        .into_any(),
    };
    view! {
        <section class="card" aria-labelledby="devices-title">
            <h2 class="card__title" id="devices-title">{texts::DEVICES_TITLE}</h2>
            {content}
            {requests.view()}
            <div class="buttons">
                <button type="button" class="btn btn--plain" aria-disabled=move || requests.busy()
                    on:click=sign_out_everywhere>{texts::SIGN_OUT_EVERYWHERE}</button>
            </div>
        </section>
    }
    .into_any()
}

/// When a device signed in, by the clock of this one.
fn signed_in_since(at: Timestamp) -> String {
    let date = format_date(day_of(at, &BrowserZone), DateParts::DayMonthYear);
    texts::signed_in_since(&date, &format_time(at))
}

/// Asks the server for the devices. The user may have left the page before it replies.
async fn list(listed: RwSignal<Listed>) {
    let devices = account_api::devices().await;
    let _: Option<Listed> = listed.try_set(Some(devices));
}

fn row(device: Device, listed: RwSignal<Listed>, requests: Requests) -> AnyView {
    let name = match device.current {
        true => texts::THIS_DEVICE.to_owned(),
        false => texts::other_device(&device.device_id.to_string()),
    };
    let since = signed_in_since(device.signed_in_at);
    let label = texts::sign_out_of(&name);
    let row_name = name.clone();
    let sign_out = move |_| {
        let name = name.clone();
        requests.start(Box::pin(async move {
            account_api::sign_out_device(device.device_id).await?;
            list(listed).await;
            Ok(texts::signed_out_of(&name))
        }));
    };
    let button = (!device.current).then(|| {
        view! {
            <button type="button" class="btn btn--plain" aria-label=label
                aria-disabled=move || requests.busy() on:click=sign_out>{texts::SIGN_OUT}</button>
        }
        .into_any()
    });
    view! {
        <li class="devices__item">
            <span class="devices__about">
                <b>{row_name}</b>
                <span class="devices__since">{since}</span>
            </span>
            {button}
        </li>
    }
    .into_any()
}

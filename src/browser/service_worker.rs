//! The service worker: starting without a network, and updates.

use std::cell::{Cell, OnceCell};

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ServiceWorkerContainer, ServiceWorkerRegistration, ServiceWorkerState};
use wizitime_protocol::MonoTime;

use super::clock;
use super::inbox::{report, send, spawn};
use super::network::on;
use crate::app::input::Input;

/// How often a page that stays open looks for a newer version, in milliseconds.
pub(crate) const CHECK_INTERVAL_MS: u64 = 60 * 60 * 1_000;
/// A page that is shown again looks for one, unless it did so this short a time ago, in
/// milliseconds.
pub(super) const CHECK_PAUSE_MS: u64 = 60_000;

thread_local! {
    static REGISTRATION: OnceCell<ServiceWorkerRegistration> = const { OnceCell::new() };
    static LAST_CHECK: Cell<Option<MonoTime>> = const { Cell::new(None) };
}

/// Registers the service worker, and reports when a newer version is ready.
pub(super) fn register() {
    let Some(container) = container() else { return };
    spawn(async move {
        // Relative to the page, so that the app works under any path.
        match JsFuture::from(container.register("sw.js")).await {
            Ok(registration) => {
                let registration: ServiceWorkerRegistration = registration.unchecked_into();
                watch(&registration);
                // It is registered once.
                REGISTRATION.with(|it| it.set(registration)).ok();
            }
            // The app works without it, but does not start offline.
            Err(error) => report("service worker registration failed", &error),
        }
    });
}

/// Looks for a newer version on the server, unless that was done less than `pause_ms` ago. A
/// browser does so by itself only when a page is opened.
pub(crate) fn check_for_update(pause_ms: u64) {
    let now = clock::now().mono;
    if LAST_CHECK.get().is_some_and(|at| now.ms_since(at) < pause_ms) {
        return;
    }
    let update = REGISTRATION.with(|it| it.get().map(ServiceWorkerRegistration::update));
    let Some(Ok(update)) = update else { return };
    LAST_CHECK.set(Some(now));
    spawn(async move {
        if JsFuture::from(update).await.is_err() {
            // Most likely there is no network now. The next occasion is not too early.
            LAST_CHECK.set(None);
        }
    });
}

/// Activates the waiting version, and reloads the page.
pub(super) fn activate() {
    let Some(container) = container() else { return };
    on(&container, "controllerchange", reload);
    spawn(async move {
        let Ok(registration) = JsFuture::from(container.get_registration()).await else { return };
        let Ok(registration) = registration.dyn_into::<ServiceWorkerRegistration>() else { return };
        // Another tab may have activated it already.
        let Some(waiting) = registration.waiting() else { return reload() };
        let message = Object::new();
        let set = Reflect::set(&message, &"type".into(), &"SKIP_WAITING".into());
        if let Err(error) = set.and_then(|_| waiting.post_message(&message).map(|()| true)) {
            report("update failed", &error);
        }
    });
}

fn reload() {
    if let Some(window) = web_sys::window()
        && let Err(error) = window.location().reload()
    {
        report("reload failed", &error);
    }
}

fn watch(registration: &ServiceWorkerRegistration) {
    if registration.waiting().is_some() {
        send(Input::UpdateReady);
    }
    let registration_then = registration.clone();
    on(registration, "updatefound", move || {
        let Some(worker) = registration_then.installing() else { return };
        let worker_then = worker.clone();
        on(&worker, "statechange", move || {
            // The first worker is not an update.
            let controlled = container().and_then(|it| it.controller()).is_some();
            if worker_then.state() == ServiceWorkerState::Installed && controlled {
                send(Input::UpdateReady);
            }
        });
    });
}

fn container() -> Option<ServiceWorkerContainer> {
    let navigator = web_sys::window()?.navigator();
    // Without a secure context there are no service workers.
    let found = Reflect::get(&navigator, &"serviceWorker".into()).unwrap_or(JsValue::UNDEFINED);
    found.dyn_into().ok()
}

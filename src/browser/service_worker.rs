//! The service worker: starting without a network, and updates.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ServiceWorkerContainer, ServiceWorkerRegistration, ServiceWorkerState};

use super::inbox::{report, send, spawn};
use super::network::on;
use crate::app::input::Input;

/// Registers the service worker, and reports when a newer version is ready.
pub(super) fn register() {
    let Some(container) = container() else { return };
    spawn(async move {
        // Relative to the page, so that the app works under any path.
        match JsFuture::from(container.register("sw.js")).await {
            Ok(registration) => watch(&registration.unchecked_into()),
            // The app works without it, but does not start offline.
            Err(error) => report("service worker registration failed", &error),
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

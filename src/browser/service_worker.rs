//! The service worker: the app without a network, and updates that wait for the person.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ServiceWorkerContainer, ServiceWorkerRegistration, ServiceWorkerState};

use super::network::on;
use super::runtime::{report, send};
use super::task::spawn;
use crate::app::input::Input;

/// Registers the worker beside the page; tells when a newer version is ready.
pub(super) fn register() {
    let Some(container) = container() else { return };
    spawn(async move {
        // Relative to the page, so that the app works under any path.
        match JsFuture::from(container.register("sw.js")).await {
            Ok(registration) => watch(&registration.unchecked_into()),
            // The app works without it, but does not start without a network.
            Err(error) => report("there is no service worker", &error),
        }
    });
}

/// Lets the waiting version take over, and reloads the page when it has.
pub(super) fn activate() {
    let Some(container) = container() else { return };
    on(&container, "controllerchange", || {
        if let Some(window) = web_sys::window()
            && let Err(error) = window.location().reload()
        {
            report("the page could not be reloaded", &error);
        }
    });
    spawn(async move {
        let Ok(registration) = JsFuture::from(container.get_registration()).await else { return };
        let Ok(registration) = registration.dyn_into::<ServiceWorkerRegistration>() else { return };
        if let Some(waiting) = registration.waiting() {
            let message = Object::new();
            let set = Reflect::set(&message, &"type".into(), &"SKIP_WAITING".into());
            if let Err(error) = set.and_then(|_| waiting.post_message(&message).map(|()| true)) {
                report("the new version could not be started", &error);
            }
        }
    });
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
            // The first worker ever is no update: there was no older page to replace.
            let controlled = container().and_then(|it| it.controller()).is_some();
            if worker_then.state() == ServiceWorkerState::Installed && controlled {
                send(Input::UpdateReady);
            }
        });
    });
}

fn container() -> Option<ServiceWorkerContainer> {
    let navigator = web_sys::window()?.navigator();
    // Where there is no secure context there are no service workers either.
    let found = Reflect::get(&navigator, &"serviceWorker".into()).unwrap_or(JsValue::UNDEFINED);
    found.dyn_into().ok()
}

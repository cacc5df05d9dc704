//! The client in a real browser: store, buffer, adapters and socket helper. Run by
//! `wasm-pack test --headless --chrome -- --test browser`.
//!
//! The test page embeds the app and provides the session.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at what cannot be")]

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use wizitime::app::Core;
use wizitime::app::input::{EmbedConfig, StartupData};
use wizitime::browser::{self, indexed_db};
use wizitime::effects::CacheWrite;
use wizitime::features::{Intent, TimerIntent};
use wizitime::features::{SyncBadge, select_status};
use wizitime_domain::{
    DeviceId, Entity, EpochId, IdSource, LocalTime, Settings, UserId, WriterId, Zone,
};
use wizitime_testkit::old_events;

wasm_bindgen_test_configure!(run_in_browser);

fn user_id() -> UserId {
    UserId::from_bytes([5; 16])
}

fn storage() -> web_sys::Storage {
    web_sys::window().unwrap().local_storage().unwrap().unwrap()
}

fn stored() -> Vec<(String, String)> {
    let keys = (0..storage().length().unwrap()).map(|index| storage().key(index).unwrap().unwrap());
    keys.map(|key| (key.clone(), storage().get_item(&key).unwrap().unwrap())).collect()
}

/// How many stored events have this description.
fn events_about(description: &str) -> usize {
    let text = format!("\"{description}\"");
    let is_about =
        |(key, value): &&(String, String)| key.starts_with("wizi.event.") && value.contains(&text);
    stored().iter().filter(is_about).count()
}

/// Starts the client once for all tests of this page.
fn started() {
    thread_local! { static STARTED: Cell<bool> = const { Cell::new(false) }; }
    if STARTED.replace(true) {
        return;
    }
    storage().clear().unwrap();
    let window = web_sys::window().unwrap();
    let channel = format!("users:{}", user_id());
    Reflect::set(&window, &"userToken".into(), &"a token".into()).unwrap();
    Reflect::set(&window, &"userChannel".into(), &channel.into()).unwrap();
    browser::start();
}

/// Waits until the state fulfils a condition; the runner limits the wait.
async fn until(is_so: impl Fn(&Core) -> bool + 'static) {
    if browser::with_core(&is_so) {
        return;
    }
    let is_so = Rc::new(is_so);
    let promise = Promise::new(&mut |resolve: Function, _reject: Function| {
        let is_so = is_so.clone();
        browser::subscribe(move |_, _| {
            if browser::with_core(&*is_so) {
                resolve.call0(&wasm_bindgen::JsValue::NULL).unwrap();
            }
        });
    });
    JsFuture::from(promise).await.unwrap();
}

fn start_clock(description: &str) {
    browser::dispatch(Intent::Timer(TimerIntent::Start {
        description: description.to_owned(),
        project_id: None,
        started_at: None,
    }));
}

#[wasm_bindgen_test]
fn event_is_stored_under_its_own_key_before_it_is_shown() {
    started();
    start_clock("tea");
    assert_eq!(events_about("tea"), 1);
    start_clock("cake");
    assert_eq!((events_about("tea"), events_about("cake")), (1, 1));
    let running = browser::with_core(|client| {
        client.state().ledger.shown().running().map(|entry| entry.description.clone())
    });
    assert_eq!(running.as_deref(), Some("cake"));
}

#[wasm_bindgen_test]
fn new_tab_loads_stored_events() {
    started();
    start_clock("before the restart");
    let expected = browser::with_core(|client| client.state().ledger.shown().digest());
    let startup = StartupData {
        new_device_id: DeviceId::from_bytes([1; 16]),
        writer_id: WriterId::from_bytes([2; 16]),
        zone: Zone::utc(),
        embed: EmbedConfig {
            user_token: Some("a token".to_owned()),
            user_channel: Some(format!("users:{}", user_id())),
        },
        stored: stored(),
    };
    let zone = Box::new(browser::clock::BrowserZone);
    let ids = IdSource::new([1; 4]);
    let (client, _effects) = Core::start(startup, ids, zone, browser::clock::now());
    assert_eq!(client.state().ledger.shown().digest(), expected);
}

#[wasm_bindgen_test]
fn full_storage_is_reported_at_once() {
    started();
    // The history of acts of an earlier test would make room for the event.
    for (key, _) in stored().iter().filter(|(key, _)| key.starts_with("wizi-undo.")) {
        storage().remove_item(key).unwrap();
    }
    // Fill the quota with ever smaller items, down to one character.
    let mut piece = 1 << 22;
    let mut count = 0;
    while piece > 0 {
        count += 1;
        if storage().set_item(&format!("filler{count}"), &"x".repeat(piece)).is_err() {
            piece /= 2;
        }
    }
    start_clock("nowhere to put it");
    let attention = browser::with_core(|client| select_status(client.state()).badge);
    for index in 1..=count {
        storage().remove_item(&format!("filler{index}")).unwrap();
    }
    assert_eq!(attention, SyncBadge::NotSaved { count: 1 });
}

/// Events shown as saved are in IndexedDB, written with strict durability.
#[wasm_bindgen_test]
async fn event_is_in_the_durable_copy_when_shown_as_saved() {
    started();
    start_clock("on the disk");
    let attention = browser::with_core(|client| select_status(client.state()).badge);
    assert!(matches!(attention, SyncBadge::Saving { .. }), "{attention:?}");
    until(|client| client.state().events.not_durable_count() == 0).await;
    let copied = indexed_db::durable_copy::read_all().await.unwrap();
    let stored = stored();
    let mut events = stored.iter().filter(|(key, _)| key.starts_with("wizi.event."));
    assert!(events.all(|event| copied.contains(event)));
    assert!(copied.iter().any(|(_, value)| value.contains("on the disk")));
}

#[wasm_bindgen_test]
async fn confirmed_data_is_stored_in_indexed_db() {
    let epoch = EpochId::from_bytes([7; 16]);
    let settings = Settings { clock_24h: Some(true), ..Settings::default() };
    let write = CacheWrite {
        user_id: user_id(),
        epoch,
        cursor: 42,
        entities: vec![Entity::Settings(settings.into())],
        base: None,
    };
    assert!(indexed_db::put(&write).await.unwrap());
    let changes = CacheWrite { base: Some((epoch, 41)), cursor: 43, ..write.clone() };
    assert!(!indexed_db::put(&changes).await.unwrap(), "they were made for another cursor");
    let snapshot = indexed_db::read(user_id()).await.unwrap().unwrap();
    assert_eq!((snapshot.epoch, snapshot.cursor), (epoch, 42));
    assert_eq!(snapshot.entities, write.entities);
    let other_user = UserId::from_bytes([6; 16]);
    assert_eq!(indexed_db::read(other_user).await.unwrap(), None);
    indexed_db::remove(user_id()).await.unwrap();
    assert_eq!(indexed_db::read(user_id()).await.unwrap(), None);
}

#[wasm_bindgen_test]
async fn socket_helper_reports_an_unreachable_server() {
    started();
    // The test server does not answer at /socket.
    until(|client| client.state().connection.failed_connects >= 2).await;
    start_clock("offline");
    let waits = browser::with_core(|client| {
        client.state().events.waiting().any(|record| record.json.as_str().contains("offline"))
    });
    assert!(waits);
    let attention = browser::with_core(|client| select_status(client.state()).badge);
    assert!(!matches!(attention, SyncBadge::Saved | SyncBadge::Guest), "{attention:?}");
}

#[wasm_bindgen_test]
fn clock_is_that_of_the_browser() {
    let now = browser::clock::now();
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(now.wall.as_ms() as f64));
    let offset_ms = browser::clock::BrowserZone.offset_ms_at(now.wall);
    assert_eq!(offset_ms, -(date.get_timezone_offset() as i64) * 60_000);
    assert!(!browser::clock::zone_name().is_empty());
    assert_ne!(browser::clock::seed().unwrap(), browser::clock::seed().unwrap());
}

/// P9: old events have the same effect natively and in WebAssembly.
#[wasm_bindgen_test]
fn old_events_have_their_native_effect() {
    assert_eq!(old_events::replay(), old_events::DIGEST);
}

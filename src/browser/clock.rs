//! Clocks, the time zone and randomness.

use std::cell::RefCell;

use js_sys::{Date, Intl, Object, Reflect};
use wasm_bindgen::JsValue;
use wizitime_domain::{IdSource, LocalTime, Timestamp, Zone};
use wizitime_protocol::MonoTime;

use crate::effects::Moment;

thread_local! {
    /// The source of jitter. Without the Web Crypto API the app does not start.
    static ENTROPY: RefCell<IdSource> =
        RefCell::new(IdSource::new(seed().unwrap_or_default()));
}

/// The current moment.
pub fn now() -> Moment {
    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    let wall = Timestamp::saturating_from_ms(Date::now() as i64);
    let mono_ms = web_sys::window().and_then(|window| window.performance()).map(|it| it.now());
    let mono = MonoTime::from_ms(mono_ms.unwrap_or_default() as u64);
    Moment { wall, mono, entropy: ENTROPY.with_borrow_mut(IdSource::next_u64) }
}

/// The server's time, as estimated.
pub fn server_now() -> Timestamp {
    let wall = now().wall;
    super::with_core(|core| core.server_time(wall))
}

/// The device's time zone, as the browser knows it.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserZone;

impl LocalTime for BrowserZone {
    fn offset_ms_at(&self, at: Timestamp) -> i64 {
        let date = Date::new(&JsValue::from_f64(at.as_ms() as f64));
        -(date.get_timezone_offset() as i64) * 60_000
    }
}

/// The IANA name of the device's time zone.
pub fn zone_name() -> String {
    zone().name().to_owned()
}

/// The device's time zone; UTC if the browser does not know it, or no server would.
pub fn zone() -> Zone {
    let format = Intl::DateTimeFormat::new(&js_sys::Array::new(), &Object::new());
    let name = Reflect::get(&format.resolved_options(), &"timeZone".into()).ok();
    let name = name.and_then(|name| name.as_string());
    name.and_then(|name| Zone::new(&name).ok()).filter(Zone::is_known).unwrap_or_else(Zone::utc)
}

/// 256 bits from the browser's cryptographic random generator.
///
/// # Errors
/// If there is none.
pub fn seed() -> Result<[u64; 4], JsValue> {
    let crypto = web_sys::window().ok_or("no window")?.crypto()?;
    let mut bytes = [0; 32];
    crypto.get_random_values_with_u8_array(&mut bytes)?;
    let mut seed = [0; 4];
    for (word, chunk) in seed.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = chunk.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte));
    }
    Ok(seed)
}

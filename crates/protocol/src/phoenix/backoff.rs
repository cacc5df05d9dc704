//! How long to wait before trying again, as a pure function of the tries so far.

/// The waits of phoenix.js after a lost connection, in milliseconds.
const RECONNECT_MS: [u64; 9] = [10, 50, 100, 150, 200, 250, 500, 1_000, 2_000];
/// The wait after all of those.
const RECONNECT_MS_MAX: u64 = 5_000;
/// The wait after so many tries in a row that never opened: refused, or nobody is there.
const RECONNECT_REFUSED_MS: u64 = 30_000;
/// From so many on, a row of connections that never opened is slowed down.
const NEVER_OPENED_SLOW: u32 = 10;

const REJOIN_MS: [u64; 3] = [1_000, 2_000, 5_000];
const REJOIN_MS_MAX: u64 = 10_000;

/// Milliseconds until the next connection attempt after `tries` failed ones, from half of the
/// nominal wait to one and a half of it, so that many clients do not come back as one.
pub fn reconnect_after_ms(tries: u32, entropy: u64) -> u64 {
    let nominal_ms = if tries >= RECONNECT_MS.len() as u32 + NEVER_OPENED_SLOW {
        RECONNECT_REFUSED_MS
    } else {
        RECONNECT_MS.get(tries as usize).copied().unwrap_or(RECONNECT_MS_MAX)
    };
    jittered_ms(nominal_ms, entropy)
}

/// Milliseconds until a channel is joined again after `tries` failed joins, jittered alike.
pub fn rejoin_after_ms(tries: u32, entropy: u64) -> u64 {
    jittered_ms(REJOIN_MS.get(tries as usize).copied().unwrap_or(REJOIN_MS_MAX), entropy)
}

/// `nominal_ms` ± 50 %.
fn jittered_ms(nominal_ms: u64, entropy: u64) -> u64 {
    nominal_ms / 2 + entropy % (nominal_ms + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        assert!((5..=15).contains(&reconnect_after_ms(0, 987)));
        assert!((2_500..=7_500).contains(&reconnect_after_ms(12, 12_345)));
        assert!((15_000..=45_000).contains(&reconnect_after_ms(u32::MAX, u64::MAX)));
        assert!((500..=1_500).contains(&rejoin_after_ms(0, 5)));
        assert!((5_000..=15_000).contains(&rejoin_after_ms(9, 5)));
    }
}

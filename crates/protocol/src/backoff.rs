//! Retry delays with jitter, as a pure state machine.

/// The delays between retries of one operation.
///
/// The nominal delay is looked up in a table by the number of failures in a row; the last entry
/// repeats. The actual delay is the nominal one ± 50 %, so that many clients that failed at the
/// same time do not retry at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    delays_ms: &'static [u64],
    /// Failures in a row; never more than the index of the last delay.
    tries: usize,
}

impl Backoff {
    /// No failure yet. `delays_ms` are the nominal delays in milliseconds.
    ///
    /// # Panics
    /// If the table is empty.
    pub const fn new(delays_ms: &'static [u64]) -> Self {
        assert!(!delays_ms.is_empty(), "a backoff needs at least one delay");
        Self { delays_ms, tries: 0 }
    }

    /// Counts a failure and returns the delay before the next try, in milliseconds. `entropy` is
    /// 64 random bits.
    pub fn next_delay_ms(&mut self, entropy: u64) -> u64 {
        let nominal_ms = self.delays_ms[self.tries];
        self.tries = (self.tries + 1).min(self.delays_ms.len() - 1);
        nominal_ms / 2 + entropy % (nominal_ms + 1)
    }

    /// The operation succeeded: the next delay is the first of the table.
    pub const fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAYS_MS: [u64; 3] = [10, 1_000, 5_000];

    #[test]
    fn delays_follow_the_table_and_the_last_one_repeats() {
        let mut backoff = Backoff::new(&DELAYS_MS);
        // This entropy selects the lower bound, half of the nominal delay.
        let delays_ms = [(); 5].map(|()| backoff.next_delay_ms(0));
        assert_eq!(delays_ms, [5, 500, 2_500, 2_500, 2_500]);
        backoff.reset();
        assert_eq!(backoff.next_delay_ms(0), 5);
    }

    #[test]
    fn jitter_is_at_most_half_of_the_nominal_delay() {
        for entropy in (0..20_000).chain([u64::MAX - 1, u64::MAX]) {
            let mut backoff = Backoff::new(&[1_000]);
            assert!((500..=1_500).contains(&backoff.next_delay_ms(entropy)), "{entropy}");
        }
        assert_eq!(Backoff::new(&[0]).next_delay_ms(u64::MAX), 0);
    }
}

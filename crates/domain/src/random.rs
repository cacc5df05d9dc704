//! Randomness as data: a generator that is seeded once from outside and is part of the state.

use uuid::Builder;

use crate::time::Timestamp;

/// Makes ids and jitter. The browser seeds it with 256 bits from its cryptographic generator, a
/// test with whatever makes the run repeatable.
///
/// xoshiro256++ (Blackman and Vigna): not for secrets; ids need uniqueness only.
#[derive(Clone, Debug)]
pub struct IdSource {
    state: [u64; 4],
}

impl IdSource {
    /// A source with the given seed. An all-zero seed, which the generator cannot leave, is
    /// replaced.
    pub fn new(seed: [u64; 4]) -> Self {
        let state = if seed == [0; 4] { [1, 2, 3, 4] } else { seed };
        let mut source = Self { state };
        // Seeds that differ in a few bits need some rounds to drift apart.
        for _ in 0..16 {
            source.next_u64();
        }
        source
    }

    /// 64 uniform bits.
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let t = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= t;
        *d = d.rotate_left(45);
        result
    }

    /// A number in `0..bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.next_u64()) * u128::from(bound);
        // The high half of a 64×64 product is below `bound` and fits.
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// The bits of a UUIDv7 made at `now` (RFC 9562 §5.7).
    pub fn uuid_v7(&mut self, now: Timestamp) -> [u8; 16] {
        let mut random = [0; 10];
        let (head, tail) = random.split_at_mut(8);
        head.copy_from_slice(&self.next_u64().to_le_bytes());
        tail.copy_from_slice(&self.next_u64().to_le_bytes()[..2]);
        *Builder::from_unix_timestamp_millis(now.as_ms().unsigned_abs(), &random)
            .into_uuid()
            .as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_and_ordered_by_time() {
        let mut source = IdSource::new([7; 4]);
        let early = source.uuid_v7(Timestamp::from_ms(1_000).unwrap());
        let late = source.uuid_v7(Timestamp::from_ms(2_000).unwrap());
        assert_eq!(early[6] >> 4, 7);
        assert!(early < late);
    }

    #[test]
    fn the_same_seed_repeats_and_a_zero_seed_still_moves() {
        let mut a = IdSource::new([1, 0, 0, 0]);
        let mut b = IdSource::new([1, 0, 0, 0]);
        assert_eq!(a.next_u64(), b.next_u64());
        let mut zero = IdSource::new([0; 4]);
        assert_ne!(zero.next_u64(), zero.next_u64());
    }

    #[test]
    fn below_stays_below() {
        let mut source = IdSource::new([3; 4]);
        assert!((0..1_000).all(|_| source.below(7) < 7));
        assert_eq!(source.below(0), 0);
    }
}

//! A seeded generator of ids and jitter, part of the state.

use uuid::Builder;

use crate::time::Timestamp;

/// A source of ids and jitter. The browser seeds it with 256 bits of its cryptographic generator,
/// a test with a fixed seed.
///
/// The generator is xoshiro256++ (Blackman and Vigna). It is not for secrets: ids have to be
/// unique, not secret.
#[derive(Clone, Debug)]
pub struct IdSource {
    state: [u64; 4],
}

impl IdSource {
    /// A source with the given seed. A seed of zeros is replaced, because the generator cannot
    /// leave that state.
    pub fn new(seed: [u64; 4]) -> Self {
        let state = if seed == [0; 4] { [1, 2, 3, 4] } else { seed };
        let mut source = Self { state };
        // Seeds that differ in a few bits give similar numbers at first.
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

    /// A uniform number in `0..bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.next_u64()) * u128::from(bound);
        // The high half of the product is below `bound` and fits into 64 bits.
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
    fn equal_seeds_give_equal_numbers_and_a_zero_seed_works() {
        let mut a = IdSource::new([1, 0, 0, 0]);
        let mut b = IdSource::new([1, 0, 0, 0]);
        assert_eq!(a.next_u64(), b.next_u64());
        let mut zero = IdSource::new([0; 4]);
        assert_ne!(zero.next_u64(), zero.next_u64());
    }

    #[test]
    fn below_is_bounded() {
        let mut source = IdSource::new([3; 4]);
        assert!((0..1_000).all(|_| source.below(7) < 7));
        assert_eq!(source.below(0), 0);
    }
}

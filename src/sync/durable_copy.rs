//! The durable copy of the buffer in IndexedDB.

use crate::app::effect::{DurableWrite, Effect};

/// The write that repeats in the durable copy what these effects do to localStorage.
pub fn write_for(effects: &[Effect]) -> DurableWrite {
    let mut write = DurableWrite::default();
    for effect in effects {
        #[expect(clippy::wildcard_enum_match_arm, reason = "only storage has a durable copy")]
        match effect {
            Effect::WriteStorage { key, value } => write.puts.push((key.clone(), value.clone())),
            Effect::MoveStorage { from, to, value } => {
                write.puts.push((to.clone(), value.clone()));
                write.removes.push(from.clone());
            }
            Effect::RemoveStorage { key } => write.removes.push(key.clone()),
            _ => (),
        }
    }
    write
}

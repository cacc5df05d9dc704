//! The whole loop in memory, told as stories: intent → buffer → frame → server → state.
//!
//! The world is calm here, and every step is chosen; the simulator is for chaos.

mod desk;
mod faults;
mod sessions;
mod sharing;
mod storage;

//! A failing world made smaller: without the faults that it does not need, then without what it
//! does not need of all that people do and that befalls them, by halves, quarters and so on.

use crate::case::Case;
use crate::faults::Fault;
use crate::run;
use crate::world::World;

/// How many worlds are tried for one failure.
const TRIALS_MAX: usize = 2_000;

/// The smallest world found that breaks the same promise, and how much the seed had planned.
pub(crate) fn shrink(case: &Case, why: &str) -> (Case, u64) {
    let planned = World::new(case).planned();
    let mut smallest = Shrinking { case: case.clone(), promise: promise(why), left: TRIALS_MAX };
    for (fault, _, _) in Fault::ALL {
        smallest.try_smaller(|case| case.without.push(*fault));
    }
    let mut size = planned.next_power_of_two();
    while size > 0 {
        for first in (1..=planned).step_by(size as usize) {
            smallest.try_smaller(|case| case.skipped.extend(first..first + size));
        }
        size /= 2;
    }
    (smallest.case, planned)
}

struct Shrinking<'a> {
    case: Case,
    promise: &'a str,
    left: usize,
}

impl Shrinking<'_> {
    fn try_smaller(&mut self, leave_out: impl FnOnce(&mut Case)) {
        let mut smaller = self.case.clone();
        leave_out(&mut smaller);
        if self.left == 0
            || smaller.skipped == self.case.skipped && smaller.without == self.case.without
        {
            return;
        }
        self.left -= 1;
        if run(&smaller).is_err_and(|why| promise(&why) == self.promise) {
            self.case = smaller;
        }
    }
}

/// Which promise an error says was broken.
pub(crate) fn promise(why: &str) -> &str {
    why.split(':').next().unwrap_or_default()
}

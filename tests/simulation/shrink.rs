//! Shrinks a failing case: first without the faults that it does not need, then without the planned
//! events that it does not need, by halves, quarters and so on.

use crate::case::Case;
use crate::faults::Fault;
use crate::run;
use crate::simulation::planned;

/// How many cases are tried for one failure.
const TRIALS_MAX: usize = 2_000;

/// The smallest case found that violates the same invariant, and how many events the seed had
/// planned.
pub(crate) fn shrink(case: &Case, violation: &str) -> (Case, u64) {
    let count = planned(case);
    let mut smallest =
        Shrinking { case: case.clone(), invariant: invariant(violation), left: TRIALS_MAX };
    for (fault, _, _) in Fault::ALL {
        smallest.try_smaller(|case| case.without.push(*fault));
    }
    let mut size = count.next_power_of_two();
    while size > 0 {
        for first in (1..=count).step_by(size as usize) {
            smallest.try_smaller(|case| case.left_out.extend(first..first + size));
        }
        size /= 2;
    }
    (smallest.case, count)
}

struct Shrinking<'a> {
    case: Case,
    invariant: &'a str,
    left: usize,
}

impl Shrinking<'_> {
    fn try_smaller(&mut self, leave_out: impl FnOnce(&mut Case)) {
        let mut smaller = self.case.clone();
        leave_out(&mut smaller);
        if self.left == 0
            || smaller.left_out == self.case.left_out && smaller.without == self.case.without
        {
            return;
        }
        self.left -= 1;
        if run(&smaller).is_err_and(|violation| invariant(&violation) == self.invariant) {
            self.case = smaller;
        }
    }
}

/// The invariant that a violation names.
pub(crate) fn invariant(violation: &str) -> &str {
    violation.split(':').next().unwrap_or_default()
}

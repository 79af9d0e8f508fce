//! Counts allocations. The counting allocator is `allocation-counter`'s: the system's, with a counter in front.

use crate::in_process::Case;

/// What is counted in front of, for the report.
pub(crate) const ALLOCATOR: &str = if cfg!(target_env = "gnu") {
    "the system's (glibc malloc) behind a counter"
} else {
    "the system's, behind a counter"
};

/// Allocations of one request, after a few to warm up.
pub(crate) fn per_request(case: &mut Case) -> f64 {
    const REQUESTS: u32 = 100;
    case(10);
    let counted = allocation_counter::measure(|| {
        case(u64::from(REQUESTS));
    });
    counted.count_total as f64 / f64::from(REQUESTS)
}

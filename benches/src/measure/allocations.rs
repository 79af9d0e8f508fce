//! Counts allocations.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::in_process::Case;

/// The system's allocator with a counter in front.
pub(crate) struct Counting;

/// What [`Counting`] counts in front of, for the report.
pub(crate) const ALLOCATOR: &str = if cfg!(target_env = "gnu") {
    "the system's (glibc malloc) behind a counter"
} else {
    "the system's, behind a counter"
};

static COUNT: AtomicU64 = AtomicU64::new(0);

fn count() {
    // One thread allocates. A locked addition would cost more than many of the things that are measured.
    COUNT.store(COUNT.load(Relaxed) + 1, Relaxed);
}

#[allow(unsafe_code)]
// SAFETY: every method hands its arguments to `System` and returns what that returns.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Allocations and reallocations of one request, after a few to warm up.
pub(crate) fn per_request(case: &mut Case) -> f64 {
    const REQUESTS: u32 = 100;
    case(10);
    let before = COUNT.load(Relaxed);
    case(u64::from(REQUESTS));
    (COUNT.load(Relaxed) - before) as f64 / f64::from(REQUESTS)
}

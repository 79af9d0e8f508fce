//! A number for each request, to tell apart what a layer makes of different requests.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

/// The number of a request. After 2^32 requests the numbers start again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number(u32);

impl Number {
    /// The value before a number is assigned.
    pub(super) const NONE: Number = Number(0);

    /// The next number. A thread takes many at a time, so that threads do not contend for the counter.
    pub(super) fn next() -> Self {
        const MANY: u32 = 1 << 6;
        static TAKEN: AtomicU32 = AtomicU32::new(0);
        thread_local! {
            static NEXT: Cell<u32> = const { Cell::new(0) };
        }
        NEXT.with(|next| {
            let mut number = next.get();
            if number % MANY == 0 {
                number = TAKEN.fetch_add(MANY, Ordering::Relaxed);
                // Zero means no number.
                number += u32::from(number == 0);
            }
            next.set(number.wrapping_add(1));
            Number(number)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Number;

    #[test]
    fn no_two_requests_of_several_threads_have_one_number() {
        let take = || (0..5000).map(|_| Number::next().0).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(take)).collect();
        let all: Vec<u32> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        let different: HashSet<u32> = all.iter().copied().collect();
        assert_eq!((different.len(), different.contains(&0)), (20_000, false));
    }
}

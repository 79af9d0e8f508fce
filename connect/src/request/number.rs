//! A number of a request's own, by which what a layer makes of one request is told from what it makes of another.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

/// Which request it is. After 2^32 the numbers begin again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number(u32);

impl Number {
    /// Of a request that was not asked for it yet.
    pub(super) const NONE: Number = Number(0);

    /// The next one. A thread takes many at a time, since threads that count together wait for each other.
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
                // Zero is none.
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

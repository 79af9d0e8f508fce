//! What both have in common: random numbers, and the end of a step.

/// Random numbers of a seed (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// Is pending once: others take their steps.
pub(crate) async fn stop() {
    let mut stopped = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut stopped, true) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

/// An operation, with a stop before and after it.
pub(crate) async fn step<T>(operation: impl Future<Output = T>) -> T {
    stop().await;
    let result = operation.await;
    stop().await;
    result
}

pub(crate) fn text(principal: &str, a: &[u64], b: &[u64]) -> String {
    let list = |numbers: &[u64]| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    format!("{principal}|{}|{}", list(a), list(b))
}

//! What the pages have reported.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;

#[derive(Clone, Default)]
pub(crate) struct Reports(Arc<Inner>);

#[derive(Default)]
struct Inner {
    values: Mutex<HashMap<String, Value>>,
    changed: Notify,
}

impl Reports {
    pub(crate) fn put(&self, name: &str, value: Value) {
        self.0.values.lock().unwrap().insert(name.to_owned(), value);
        self.0.changed.notify_waiters();
    }

    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        self.0.values.lock().unwrap().get(name).cloned()
    }

    /// Whether it comes in time.
    pub(crate) async fn wait_for(&self, name: &str, time: Duration) -> bool {
        let comes = async {
            loop {
                let changed = self.0.changed.notified();
                if self.get(name).is_some() {
                    return;
                }
                // One that came in between is seen after a while.
                let _ = tokio::time::timeout(Duration::from_millis(200), changed).await;
            }
        };
        tokio::time::timeout(time, comes).await.is_ok()
    }
}

//! How many connections there may be.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places of a server, for connections.
pub(crate) struct Places {
    all: Arc<Semaphore>,
    /// How many there may be from one address, and how many there are.
    per_peer: Option<(usize, Arc<Counts>)>,
}

type Counts = Mutex<HashMap<IpAddr, usize>>;

impl Places {
    pub(crate) fn new(all: usize, per_peer: Option<usize>) -> Self {
        Places {
            all: Arc::new(Semaphore::new(all.min(Semaphore::MAX_PERMITS))),
            per_peer: per_peer.map(|limit| (limit, Arc::default())),
        }
    }

    /// Waits for a free place. It is held by nobody in particular yet.
    pub(crate) async fn free(&self) -> Place {
        // The semaphore is never closed: then there would be no limit.
        Place { _permit: Arc::clone(&self.all).acquire_owned().await.ok(), peer: None }
    }

    /// A place for one that is there already, beyond the limit if it has to be.
    pub(crate) fn one_more(&self) -> Place {
        Place { _permit: Arc::clone(&self.all).try_acquire_owned().ok(), peer: None }
    }

    /// Gives a place to a client, if it has not too many.
    pub(crate) fn take(&self, mut place: Place, peer: Option<IpAddr>) -> Option<Place> {
        if let (Some((limit, counts)), Some(peer)) = (&self.per_peer, peer) {
            // One client can have a whole network of version 6 to itself.
            let peer = network(peer);
            let mut count = lock(counts);
            let count = count.entry(peer).or_insert(0);
            if *count >= *limit {
                return None;
            }
            *count += 1;
            place.peer = Some((peer, Arc::clone(counts)));
        }
        Some(place)
    }
}

fn lock(counts: &Counts) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The address, or of version 6 the 64 bits that name its network (RFC 4291, section 2.5.4).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            [a, b, c, d, 0, 0, 0, 0].into()
        }
    }
}

/// A connection's place, which is free again when this is dropped.
pub(crate) struct Place {
    _permit: Option<OwnedSemaphorePermit>,
    peer: Option<(IpAddr, Arc<Counts>)>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((peer, counts)) = &self.peer else { return };
        let mut counts = lock(counts);
        if let Some(count) = counts.get_mut(peer) {
            *count -= 1;
            if *count == 0 {
                counts.remove(peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_peer_has_so_many_places_and_gets_them_back() {
        let places = Places::new(10, Some(2));
        let one = Some("192.0.2.1".parse().unwrap());
        let mapped = Some("::ffff:192.0.2.1".parse().unwrap());
        let first = places.take(places.free().await, one).unwrap();
        let _second = places.take(places.free().await, mapped).unwrap();
        assert!(places.take(places.free().await, one).is_none());
        assert!(places.take(places.free().await, Some("192.0.2.2".parse().unwrap())).is_some());
        assert!(places.take(places.free().await, None).is_some());
        drop(first);
        assert!(places.take(places.free().await, one).is_some());
        assert_eq!(places.all.available_permits(), 9);
    }

    #[tokio::test]
    async fn addresses_of_one_network_of_version_6_are_one_peer() {
        let places = Places::new(10, Some(1));
        let _first = places.take(places.free().await, Some("2001:db8::1".parse().unwrap())).unwrap();
        assert!(places.take(places.free().await, Some("2001:db8::2".parse().unwrap())).is_none());
        assert!(places.take(places.free().await, Some("2001:db8:0:1::1".parse().unwrap())).is_some());
    }
}

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

    /// Waits for a free place.
    pub(crate) async fn free(&self) -> Place {
        // The semaphore is never closed: then there would be no limit.
        Place(Arc::clone(&self.all).acquire_owned().await.ok())
    }

    /// A place beyond the limit if it has to be.
    pub(crate) fn one_more(&self) -> Place {
        Place(Arc::clone(&self.all).try_acquire_owned().ok())
    }

    /// Counts a connection for its client, where that is limited.
    pub(crate) fn of_peer(&self, peer: Option<IpAddr>) -> Result<Option<PeerPlace>, TooMany> {
        let (Some((limit, counts)), Some(peer)) = (&self.per_peer, peer) else { return Ok(None) };
        // One client can have a whole network of version 6 to itself.
        let peer = network(peer);
        let mut count = lock(counts);
        let count = count.entry(peer).or_insert(0);
        if *count >= *limit {
            return Err(TooMany);
        }
        *count += 1;
        Ok(Some(PeerPlace { peer, counts: Arc::clone(counts) }))
    }
}

/// The client has as many connections as it may have.
#[derive(Debug)]
pub(crate) struct TooMany;

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
pub(crate) struct Place(
    #[allow(dead_code, reason = "held until it is dropped")] Option<OwnedSemaphorePermit>,
);

/// One of a client's connections, until it is dropped.
pub(crate) struct PeerPlace {
    peer: IpAddr,
    counts: Arc<Counts>,
}

impl Drop for PeerPlace {
    fn drop(&mut self) {
        let mut counts = lock(&self.counts);
        if let Some(count) = counts.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_has_so_many_places_and_gets_them_back() {
        let places = Places::new(10, Some(2));
        let one = Some("192.0.2.1".parse().unwrap());
        let mapped = Some("::ffff:192.0.2.1".parse().unwrap());
        let first = places.of_peer(one).unwrap();
        let _second = places.of_peer(mapped).unwrap();
        assert!(places.of_peer(one).is_err());
        assert!(places.of_peer(Some("192.0.2.2".parse().unwrap())).is_ok());
        assert!(places.of_peer(None).unwrap().is_none());
        drop(first);
        assert!(places.of_peer(one).is_ok());
    }

    #[test]
    fn addresses_of_one_network_of_version_6_are_one_peer() {
        let places = Places::new(10, Some(1));
        let _first = places.of_peer(Some("2001:db8::1".parse().unwrap())).unwrap();
        assert!(places.of_peer(Some("2001:db8::2".parse().unwrap())).is_err());
        assert!(places.of_peer(Some("2001:db8:0:1::1".parse().unwrap())).is_ok());
    }
}

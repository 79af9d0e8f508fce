//! The limit of open connections: of a server, and of each client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Limits the connections of a server.
pub(crate) struct ConnectionLimit {
    all: Arc<Semaphore>,
    /// The limit for one client, and how many connections each client has.
    per_peer: Option<(usize, Arc<Counts>)>,
}

type Counts = Mutex<HashMap<IpAddr, usize>>;

impl ConnectionLimit {
    pub(crate) fn new(all: usize, per_peer: Option<usize>) -> Self {
        ConnectionLimit {
            all: Arc::new(Semaphore::new(all.min(Semaphore::MAX_PERMITS))),
            per_peer: per_peer.map(|limit| (limit, Arc::default())),
        }
    }

    /// Waits until there may be one more connection.
    pub(crate) async fn acquire(&self) -> ConnectionPermit {
        // The semaphore is never closed, which would be the only error.
        ConnectionPermit(Arc::clone(&self.all).acquire_owned().await.ok())
    }

    /// Returns a permit without waiting, also beyond the limit.
    pub(crate) fn acquire_beyond(&self) -> ConnectionPermit {
        ConnectionPermit(Arc::clone(&self.all).try_acquire_owned().ok())
    }

    /// Counts a connection for its client, if connections are limited for each client.
    pub(crate) fn acquire_for_peer(
        &self,
        peer: Option<IpAddr>,
    ) -> Result<Option<PeerPermit>, TooManyConnections> {
        let (Some((limit, counts)), Some(peer)) = (&self.per_peer, peer) else { return Ok(None) };
        // One client can use a whole IPv6 network.
        let peer = network(peer);
        let mut count = lock(counts);
        let count = count.entry(peer).or_insert(0);
        if *count >= *limit {
            return Err(TooManyConnections);
        }
        *count += 1;
        Ok(Some(PeerPermit { peer, counts: Arc::clone(counts) }))
    }
}

/// The client has reached its limit.
#[derive(Debug)]
pub(crate) struct TooManyConnections;

fn lock(counts: &Counts) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The address itself for IPv4, and the 64 bits of the network prefix for IPv6 (RFC 4291, section 2.5.4).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            [a, b, c, d, 0, 0, 0, 0].into()
        }
    }
}

/// Allows one connection until it is dropped.
pub(crate) struct ConnectionPermit(
    #[allow(dead_code, reason = "held until it is dropped")] Option<OwnedSemaphorePermit>,
);

/// Counts as a connection of its client until it is dropped.
pub(crate) struct PeerPermit {
    peer: IpAddr,
    counts: Arc<Counts>,
}

impl Drop for PeerPermit {
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
    fn a_peer_has_so_many_permits_and_gets_them_back() {
        let limit = ConnectionLimit::new(10, Some(2));
        let one = Some("192.0.2.1".parse().unwrap());
        let mapped = Some("::ffff:192.0.2.1".parse().unwrap());
        let first = limit.acquire_for_peer(one).unwrap();
        let _second = limit.acquire_for_peer(mapped).unwrap();
        assert!(limit.acquire_for_peer(one).is_err());
        assert!(limit.acquire_for_peer(Some("192.0.2.2".parse().unwrap())).is_ok());
        assert!(limit.acquire_for_peer(None).unwrap().is_none());
        drop(first);
        assert!(limit.acquire_for_peer(one).is_ok());
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_peer() {
        let limit = ConnectionLimit::new(10, Some(1));
        let _first = limit.acquire_for_peer(Some("2001:db8::1".parse().unwrap())).unwrap();
        assert!(limit.acquire_for_peer(Some("2001:db8::2".parse().unwrap())).is_err());
        assert!(limit.acquire_for_peer(Some("2001:db8:0:1::1".parse().unwrap())).is_ok());
    }
}

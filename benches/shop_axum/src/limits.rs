//! Limits of requests, by address and by account.

use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use governor::middleware::StateInformationMiddleware;
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::{KeyExtractor, PeerIpKeyExtractor, SmartIpKeyExtractor};
use tower_governor::{GovernorError, GovernorLayer};

use crate::auth::Customer;

pub type Limit<K> = GovernorLayer<K, StateInformationMiddleware, Body>;

fn limit<K: KeyExtractor<Key: Hash + Eq + Clone>>(requests: u32, time: Duration, key: K) -> Limit<K> {
    let config = GovernorConfigBuilder::default()
        .period(time / requests)
        .burst_size(requests)
        .use_headers()
        .key_extractor(key)
        .finish()
        .expect("neither number is zero");
    GovernorLayer::new(Arc::new(config))
}

/// So many requests of an address. Behind a proxy it is that of `X-Forwarded-For`.
pub fn by_address(requests: u32, time: Duration, behind_proxy: bool) -> Limit<Address> {
    limit(requests, time, Address { behind_proxy })
}

/// So many requests of an account, below the layer that finds it.
pub fn by_account(requests: u32, time: Duration) -> Limit<Account> {
    limit(requests, time, Account)
}

#[derive(Debug, Clone)]
pub struct Address {
    behind_proxy: bool,
}

impl KeyExtractor for Address {
    type Key = IpAddr;

    fn extract<T>(&self, req: &Request<T>) -> Result<IpAddr, GovernorError> {
        if self.behind_proxy { SmartIpKeyExtractor.extract(req) } else { PeerIpKeyExtractor.extract(req) }
    }
}

#[derive(Debug, Clone)]
pub struct Account;

impl KeyExtractor for Account {
    type Key = i64;

    fn extract<T>(&self, req: &Request<T>) -> Result<i64, GovernorError> {
        let customer = req.extensions().get::<Customer>();
        customer.map(|customer| customer.0).ok_or(GovernorError::UnableToExtractKey)
    }
}

//! Each operation of a request, ended after each of its steps: by a crash of the process, and by a timeout above the layer.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use super::requests::{A, B};
use super::shared;
use super::steps::{Log, Steps};
use crate::session::cookie::Sent;
use crate::session::memory::MemoryStore;
use crate::session::parts::Principal;
use crate::session::request::{CookieChange, PerRequest};
use crate::session::sessions::Sessions;
use crate::session::shared::Shared;
use crate::session::token::Token;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operation {
    Change,
    Login(&'static str),
    Logout,
    LogoutEverywhere,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Crash,
    Timeout,
}

/// What a client with a token sees: who it is, and what is in the parts.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    principal: Option<String>,
    a: Vec<u32>,
    b: Vec<u32>,
}

fn open(shared: &Arc<Shared>, token: Option<&Token>) -> (Arc<PerRequest>, Sessions) {
    let sent = token.map_or(Sent::Nothing, |token| Sent::Value(Some(token.clone())));
    let request = Arc::new(PerRequest::new(Arc::clone(shared), sent, false));
    (Arc::clone(&request), Sessions::of(request))
}

async fn see(shared: &Arc<Shared>, token: Option<&Token>) -> Seen {
    let (_, sessions) = open(shared, token);
    let principal = sessions.principal().await.unwrap().map(|principal| principal.id().to_owned());
    Seen { principal, a: sessions.get::<A>().await.unwrap().0, b: sessions.get::<B>().await.unwrap().0 }
}

async fn operate(sessions: &Sessions, operation: Operation) {
    match operation {
        Operation::Change => drop(sessions.change::<A>(|list| list.0.push(2)).await.unwrap()),
        Operation::Login(name) => sessions.login(Principal::new(name)).await.unwrap(),
        Operation::Logout => sessions.logout().await.unwrap(),
        Operation::LogoutEverywhere => sessions.logout_everywhere().await.unwrap(),
    }
}

/// Ends the operation when it has made so many steps. `None` if it was done before.
async fn ended_after(
    operation: Operation,
    owner: Option<&'static str>,
    end: End,
    steps: usize,
) -> Option<()> {
    let store = Arc::new(MemoryStore::new());
    let clock = Arc::new(AtomicU64::new(4_000_000_000_000));
    let whole = shared(Arc::clone(&store), &clock);
    // A session with two parts, unless there is none.
    let (request, sessions) = open(&whole, None);
    let begun = owner != Some("nobody");
    if begun {
        sessions.change::<A>(|list| list.0.push(1)).await.unwrap();
        sessions.change::<B>(|list| list.0.push(1)).await.unwrap();
    }
    if let Some(owner) = owner.filter(|_| begun) {
        sessions.login(Principal::new(owner)).await.unwrap();
    }
    let mut cookie = match request.seal().and_then(|ending| ending.cookie) {
        Some(CookieChange::Set(token)) => Some(token),
        _ => None,
    };
    let old = cookie.clone();
    let before = see(&whole, old.as_ref()).await;

    let log = Arc::new(Log::default());
    let stepped = shared(Steps { store: Arc::clone(&store), log: Arc::clone(&log) }, &clock);
    let (request, sessions) = open(&stepped, old.as_ref());
    {
        let mut future = pin!(operate(&sessions, operation));
        for _ in 0..steps {
            let poll = std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx))).await;
            if poll.is_ready() {
                return None;
            }
            assert!(log.stopped.swap(false, SeqCst));
        }
    }
    let mut is_told = false;
    if end == End::Timeout
        && let Some(ending) = request.seal()
    {
        let change = if ending.is_issuing {
            let mut settle = pin!(request.settle());
            std::future::poll_fn(|cx| {
                // Each step stops once.
                cx.waker().wake_by_ref();
                settle.as_mut().poll(cx)
            })
            .await
        } else {
            ending.cookie
        };
        match change {
            Some(CookieChange::Set(token)) => (cookie, is_told) = (Some(token), true),
            Some(CookieChange::Clear) => (cookie, is_told) = (None, true),
            None => {}
        }
    }
    drop((request, sessions));

    let context = format!("{operation:?} of {owner:?}, {end:?} after {steps} steps");
    let after = see(&whole, cookie.as_ref()).await;
    let nothing = Seen { principal: None, a: vec![], b: vec![] };
    let changed = Seen { a: [before.a.clone(), vec![2]].concat(), ..before.clone() };
    let stays = before.principal.is_none()
        || matches!(operation, Operation::Login(name) if before.principal.as_deref() == Some(name));
    let signed_in = |name: &str| Seen {
        principal: Some(name.to_owned()),
        ..if stays { before.clone() } else { nothing.clone() }
    };
    // Never half of it.
    let possible = match operation {
        Operation::Change => vec![before.clone(), changed],
        Operation::Login(name) if is_told => vec![signed_in(name)],
        // What has lost its token, or nothing has happened yet.
        Operation::Login(_) => vec![before.clone(), nothing],
        Operation::Logout | Operation::LogoutEverywhere => vec![before.clone(), nothing],
    };
    assert!(possible.contains(&after), "{context}: {after:?} of {possible:?}");
    if end == End::Timeout && matches!(operation, Operation::Login(_)) {
        assert!(is_told || after == before, "{context}: the client has lost its session: {after:?}");
    }
    // At most one token is of a session.
    let of_old = see(&whole, old.as_ref()).await;
    if cookie != old {
        assert_eq!(of_old, Seen { principal: None, a: vec![], b: vec![] }, "{context}");
    }
    Some(())
}

#[tokio::test]
async fn no_crash_or_timeout_leaves_half_an_operation_or_a_client_without_its_session() {
    let operations = [
        Operation::Change,
        Operation::Login("ann"),
        Operation::Login("bob"),
        Operation::Logout,
        Operation::LogoutEverywhere,
    ];
    let mut ended = 0;
    for operation in operations {
        for owner in [None, Some("ann"), Some("nobody")] {
            for end in [End::Crash, End::Timeout] {
                let mut steps = 0;
                while ended_after(operation, owner, end, steps).await.is_some() {
                    steps += 1;
                    ended += 1;
                }
            }
        }
    }
    // Each operation of a store is two steps, and few requests make none.
    assert!(ended > 80, "{ended}");
}

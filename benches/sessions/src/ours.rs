//! connect-middleware.

use connect::{Next, Request, Response, Result, app, error_handler, get, http};
use connect_middleware::session::{
    Key, MemoryStore, NewSession, Part, PartChange, Principal, Session, SessionError, Sessions, Store,
    StoreError, StoredSession, Swapped, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::steps::{step, text};
use crate::{Answer, Answering};

#[derive(Serialize, Deserialize, Default)]
struct A(Vec<u64>);

impl Part for A {
    const NAME: &'static str = "a";
}

#[derive(Serialize, Deserialize, Default)]
struct B(Vec<u64>);

impl Part for B {
    const NAME: &'static str = "b";
}

#[get("/read")]
async fn read(sessions: &Sessions) -> Result<String> {
    let principal = sessions.principal().await?;
    let (a, b) = (sessions.get::<A>().await?, sessions.get::<B>().await?);
    Ok(text(principal.as_ref().map_or("", Principal::id), &a.0, &b.0))
}

#[get("/a/:number")]
async fn put_a(sessions: &Sessions, number: u64) -> Result<&'static str> {
    sessions.change::<A>(|part| part.0.push(number)).await.map(|_| "stored")
}

#[get("/b/:number")]
async fn put_b(sessions: &Sessions, number: u64) -> Result<&'static str> {
    sessions.change::<B>(|part| part.0.push(number)).await.map(|_| "stored")
}

#[get("/login")]
async fn login(sessions: &Sessions) -> Result<&'static str> {
    sessions.login(Principal::new("ann")).await.map(|()| "welcome")
}

#[get("/logout")]
async fn logout(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout().await.map(|()| "bye")
}

#[error_handler]
fn on_session_error(err: SessionError, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    let text = err.to_string();
    res.status(err.status()).text(text)
}

/// Each operation is a step.
struct Steps(MemoryStore);

impl Store for Steps {
    async fn create(&self, key: &Key, session: NewSession<'_>) -> Result<(), StoreError> {
        step(self.0.create(key, session)).await
    }

    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        step(self.0.load(key, now)).await
    }

    async fn swap(&self, key: &Key, change: PartChange<'_>, now: Timestamp) -> Result<Swapped, StoreError> {
        step(self.0.swap(key, change, now)).await
    }

    async fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        step(self.0.touch(key, expires, now)).await
    }

    async fn rename(&self, from: &Key, to: &Key, session: NewSession<'_>) -> Result<bool, StoreError> {
        step(self.0.rename(from, to, session)).await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        step(self.0.remove(key)).await
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        step(self.0.remove_owned(owner, except)).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.0.sweep(now).await
    }
}

pub(crate) struct App(Box<dyn Fn(http::Request<String>) -> Answering<'static>>);

impl crate::Sessions for App {
    const NAME: &'static str = "connect-middleware";

    fn new() -> Self {
        let app = std::rc::Rc::new(app![
            Session::new(Steps(MemoryStore::new())),
            read,
            put_a,
            put_b,
            login,
            logout,
            on_session_error
        ]);
        App(Box::new(move |req| {
            let app = std::rc::Rc::clone(&app);
            Box::pin(async move {
                let (mut req, mut res) = (Request::from(req), Response::new());
                let _done = app.run(&mut req, &mut res).await;
                let token = res.headers().get("set-cookie").map(|value| {
                    let value = value.to_str().expect("text");
                    value
                        .strip_prefix("id=")
                        .and_then(|it| it.split(';').next())
                        .expect("a cookie")
                        .to_owned()
                });
                let mut body = res.take_body();
                let mut text = String::new();
                while let Some(chunk) = body.chunk().await {
                    text.push_str(std::str::from_utf8(&chunk.expect("a body")).expect("text"));
                }
                Answer { status: res.status_code().as_u16(), token, text }
            })
        }))
    }

    fn send<'a>(&'a self, target: &str, token: Option<&str>) -> Answering<'a> {
        let mut req = http::Request::get(target);
        if let Some(token) = token {
            req = req.header("cookie", format!("id={token}"));
        }
        (self.0)(req.body(String::new()).expect("a request"))
    }
}

//! tower-sessions, as its documentation uses it: the layer stores what was changed when the handler is done.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Request, Response};
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceExt, service_fn};
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::Result as StoreResult;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, SessionStore};

use crate::steps::{step, text};
use crate::{Answer, Answering};

/// Each operation is a step.
#[derive(Debug, Clone)]
struct Steps(Arc<MemoryStore>);

#[async_trait]
impl SessionStore for Steps {
    async fn create(&self, record: &mut Record) -> StoreResult<()> {
        step(self.0.create(record)).await
    }

    async fn save(&self, record: &Record) -> StoreResult<()> {
        step(self.0.save(record)).await
    }

    async fn load(&self, id: &Id) -> StoreResult<Option<Record>> {
        step(self.0.load(id)).await
    }

    async fn delete(&self, id: &Id) -> StoreResult<()> {
        step(self.0.delete(id)).await
    }
}

/// What the application does at login.
pub(crate) trait Login {
    const NAME: &'static str;
    const CYCLES_ID: bool;
}

pub(crate) struct CyclesId;

impl Login for CyclesId {
    const NAME: &'static str = "tower-sessions, `cycle_id` at login";
    const CYCLES_ID: bool = true;
}

pub(crate) struct KeepsId;

impl Login for KeepsId {
    const NAME: &'static str = "tower-sessions, without `cycle_id`";
    const CYCLES_ID: bool = false;
}

type SessionResult<T> = Result<T, tower_sessions::session::Error>;

async fn handle(session: &Session, path: &str, cycles_id: bool) -> SessionResult<String> {
    if path == "/read" {
        let principal: Option<String> = session.get("user").await?;
        let a: Option<Vec<u64>> = session.get("a").await?;
        let b: Option<Vec<u64>> = session.get("b").await?;
        return Ok(text(&principal.unwrap_or_default(), &a.unwrap_or_default(), &b.unwrap_or_default()));
    }
    match path {
        "/login" => {
            if cycles_id {
                session.cycle_id().await?;
            }
            session.insert("user", "ann").await?;
        }
        "/logout" => session.flush().await?,
        _ => {
            let (part, number) = (&path[1..2], path[3..].parse().expect("a number"));
            let mut numbers: Vec<u64> = session.get(part).await?.unwrap_or_default();
            numbers.push(number);
            session.insert(part, numbers).await?;
        }
    }
    Ok("done".to_owned())
}

type Service = BoxCloneSyncService<Request<String>, Response<String>, Infallible>;

pub(crate) struct App<L>(Service, PhantomData<L>);

impl<L: Login> crate::Sessions for App<L> {
    const NAME: &'static str = L::NAME;

    fn new() -> Self {
        let handler = service_fn(|req: Request<String>| async move {
            let session = req.extensions().get::<Session>().expect("the layer").clone();
            let answer = handle(&session, req.uri().path(), L::CYCLES_ID).await;
            let (status, body) = match answer {
                Ok(body) => (200, body),
                Err(err) => (500, err.to_string()),
            };
            Ok::<_, Infallible>(Response::builder().status(status).body(body).expect("a response"))
        });
        let layer = SessionManagerLayer::new(Steps(Arc::new(MemoryStore::default()))).with_secure(false);
        App(BoxCloneSyncService::new(layer.layer(handler)), PhantomData)
    }

    fn send<'a>(&'a self, target: &str, token: Option<&str>) -> Answering<'a> {
        let mut req = Request::get(target);
        if let Some(token) = token {
            req = req.header("cookie", format!("id={token}"));
        }
        let req = req.body(String::new()).expect("a request");
        let service = self.0.clone();
        Box::pin(async move {
            let Ok(res) = service.oneshot(req).await;
            let token = res.headers().get("set-cookie").map(|value| {
                let value = value.to_str().expect("text");
                value.strip_prefix("id=").and_then(|it| it.split(';').next()).expect("a cookie").to_owned()
            });
            Answer { status: res.status().as_u16(), token, text: res.into_body() }
        })
    }
}

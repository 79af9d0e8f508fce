//! salvo: handlers hooped around a router.

use std::hint::black_box;

use salvo::http::ReqBody;
use salvo::http::uri::Scheme;
use salvo::prelude::*;
use salvo::writing::Text;

use super::work::{self, TEXT};
use super::{Case, Summary, case, now};

#[handler]
async fn layer(req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
    work::read(req.headers());
    ctrl.call_next(req, depot, res).await;
    work::set(res.headers_mut());
}

#[handler]
async fn hello(req: &mut Request) -> Result<Text<&'static str>, StatusError> {
    let id: u64 = req.param("id").ok_or_else(StatusError::bad_request)?;
    black_box(id);
    Ok(Text::Html(TEXT))
}

pub(super) fn by_hoop(layers: usize) -> Option<Case> {
    let mut app = Router::new();
    for _ in 0..layers {
        app = app.hoop(layer);
    }
    let service = Service::new(app.push(Router::with_path("users/{id}").get(hello)));
    let request =
        move || now(service.handle(Request::from_hyper(work::request(ReqBody::None), Scheme::HTTP)));
    Some(case(request, |response| Summary {
        status: response.status_code.map_or(0, |status| status.as_u16()),
        from_layers: response.headers().contains_key(work::X_LAYER),
    }))
}

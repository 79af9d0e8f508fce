//! actix-web: `middleware::from_fn`. Its requests and its header maps are of its own kind; a request's head
//! comes from a pool.

use std::hint::black_box;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, HOST, HeaderName, HeaderValue, USER_AGENT};
use actix_web::http::{Method, Uri};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, Error, test, web};

use super::work::{PATH, TEXT};
use super::{Case, Summary, case, now, repeat};

const X_LAYER: HeaderName = HeaderName::from_static("x-layer");
const VALUE: HeaderValue = HeaderValue::from_static("1");

async fn layer(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    black_box(req.headers().get(ACCEPT));
    let mut res = next.call(req).await?;
    res.headers_mut().insert(X_LAYER, VALUE);
    Ok(res)
}

async fn hello(id: web::Path<u64>) -> web::Html {
    black_box(*id);
    web::Html::new(TEXT)
}

fn request() -> actix_http::Request {
    let mut request = actix_http::Request::new();
    let head = request.head_mut();
    head.method = Method::GET;
    head.uri = Uri::from_static(PATH);
    head.headers.insert(HOST, HeaderValue::from_static("localhost"));
    head.headers.insert(ACCEPT, HeaderValue::from_static("text/html"));
    head.headers.insert(USER_AGENT, HeaderValue::from_static("bench"));
    request
}

fn service<S, B>(app: S) -> Case
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    let request = move || now(app.call(request())).expect("no layer fails");
    case(request, |response| Summary {
        status: response.status().as_u16(),
        from_layers: response.headers().contains_key(X_LAYER),
    })
}

macro_rules! wrap {
    ($($layer:ident)*) => {
        service(now(test::init_service(App::new()$(.wrap(from_fn($layer)))*.route("/users/{id}", web::get().to(hello)))))
    };
}

pub(super) fn by_from_fn(layers: usize) -> Option<Case> {
    repeat!(layers, wrap, layer)
}

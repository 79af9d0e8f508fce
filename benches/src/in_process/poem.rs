//! poem: a function around an endpoint.
//!
//! `around` names the endpoint's type twice, in its own type and in the function's, so types double with each
//! layer and rustc gives up at ten. poem's own way out, `boxed()`, stands between every five.

use std::hint::black_box;
use std::sync::Arc;

use poem::web::{Html, Path};
use poem::{Endpoint, EndpointExt, IntoResponse, Request, Response, Result, Route, get, handler};

use super::work::{self, TEXT};
use super::{Case, Summary, case, now};

async fn layer<E: Endpoint>(next: Arc<E>, req: Request) -> Result<Response> {
    work::read(req.headers());
    let mut res = next.call(req).await?.into_response();
    work::set(res.headers_mut());
    Ok(res)
}

#[handler]
async fn hello(Path(id): Path<u64>) -> Html<&'static str> {
    black_box(id);
    Html(TEXT)
}

fn service(app: impl Endpoint + 'static) -> Case {
    let request = move || {
        let mut req = Request::builder().uri(http::Uri::from_static(work::PATH)).finish();
        *req.headers_mut() = work::headers();
        now(app.call(req)).expect("no layer fails").into_response()
    };
    case(request, |response| Summary {
        status: response.status().as_u16(),
        from_layers: response.headers().contains_key(work::X_LAYER),
    })
}

pub(super) fn by_around(layers: usize) -> Option<Case> {
    let route = Route::new().at("/users/:id", get(hello));
    Some(match layers {
        0 => service(route),
        5 => service(five(route)),
        10 => service(five(five(route).boxed())),
        20 => service(five(five(five(five(route).boxed()).boxed()).boxed())),
        _ => return None,
    })
}

/// Five layers around an endpoint.
fn five(inner: impl Endpoint + 'static) -> impl Endpoint {
    inner.around(layer).around(layer).around(layer).around(layer).around(layer)
}

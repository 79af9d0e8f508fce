//! hyper alone, as one writes it by hand: what there is to reach. Without layers.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::common::{Order, chunks, listener, on_one_thread, slow, user};

/// The one box is for streams alone, whose type has no name.
type Pieces = StreamBody<Pin<Box<dyn Stream<Item = Result<Frame<Bytes>, Infallible>> + Send>>>;
type Answer = Response<Either<Full<Bytes>, Pieces>>;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

pub(crate) fn serve(port: u16) -> io::Result<()> {
    on_one_thread(async move {
        let listener = TcpListener::from_std(listener(port)?)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(async move {
                // A client that leaves is no error here.
                #[cfg(not(feature = "http2"))]
                let _ = hyper::server::conn::http1::Builder::new()
                    .pipeline_flush(true)
                    .serve_connection(TokioIo::new(stream), service_fn(answer))
                    .await;
                #[cfg(feature = "http2")]
                let _ = hyper::server::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service_fn(answer))
                    .await;
            });
        }
    })
}

async fn answer(req: Request<Incoming>) -> Result<Answer, hyper::Error> {
    let path = req.uri().path();
    if req.method() == Method::GET {
        if let Some(id) = path.strip_prefix("/users/").and_then(|id| id.parse().ok()) {
            return Ok(full(TEXT, user(id)));
        }
        match path {
            "/stream" => return Ok(Response::new(Either::Right(pieces()))),
            "/slow" => return Ok(full(TEXT, slow())),
            _ => {}
        }
    } else if req.method() == Method::POST {
        match path {
            "/json" => {
                let body = req.into_body().collect().await?.to_bytes();
                return Ok(match serde_json::from_slice::<Order>(&body) {
                    Ok(order) => {
                        full(JSON, serde_json::to_vec(&order.receipt()).expect("it is numbers and texts"))
                    }
                    Err(err) => with_status(StatusCode::BAD_REQUEST, err.to_string()),
                });
            }
            "/upload" => {
                let mut body = req.into_body();
                let mut length = 0;
                while let Some(frame) = body.frame().await {
                    length += frame?.data_ref().map_or(0, Bytes::len);
                }
                return Ok(full(TEXT, length.to_string()));
            }
            _ => {}
        }
    }
    Ok(with_status(StatusCode::NOT_FOUND, "nothing here"))
}

fn full(content_type: HeaderValue, body: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(Either::Left(Full::new(body.into())));
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

fn with_status(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    let mut response = full(TEXT, body);
    *response.status_mut() = status;
    response
}

fn pieces() -> Pieces {
    StreamBody::new(Box::pin(chunks().map(|chunk| chunk.map(Frame::data))))
}

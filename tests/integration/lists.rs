//! Lists with layers that only look unreachable: they have to compile.

use connect::{
    Error, Layer, Next, Request, Response, Rest, Result, Resume, ResumingLayer, Rewrite, all, app,
    error_handler, get, middleware, router, stack,
};

use crate::support::call;

#[middleware]
fn respond(_req: &mut Request, res: &mut Response) -> Result {
    res.send("respond")
}

#[middleware]
fn refuses(_req: &mut Request, _res: &mut Response) -> Result {
    Err(Error::new(403, "no"))
}

#[middleware]
fn passes(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

#[error_handler]
fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    res.status(err.status()).send(err.to_string())
}

#[error_handler]
fn resumes(_err: Error, _req: &mut Request, _res: &mut Response, next: Resume) -> Result {
    next.resume()
}

#[all("/{*rest}")]
fn everything(_req: &Request) -> &'static str {
    "everything"
}

#[all("/{*rest}")]
fn everything_or_not(_req: &Request, next: Next) -> Result {
    next.pass()
}

#[all("/*rest")]
fn all_but_the_root(_req: &Request) -> &'static str {
    "below"
}

#[get("/{*rest}")]
fn every_get(_req: &Request) -> &'static str {
    "get"
}

#[tokio::test]
async fn an_error_handler_below_a_layer_that_always_responds_is_reachable() {
    assert_eq!(call(&app![refuses, on_error], "/").await.seen(), (403, "no"));
}

#[tokio::test]
async fn a_layer_below_an_error_handler_that_resumes_is_reachable() {
    assert_eq!(call(&app![refuses, resumes, respond], "/").await.seen(), (200, "respond"));
    assert_eq!(call(&app![refuses, on_error, resumes, respond], "/").await.seen(), (403, "no"));
    assert_eq!(call(&app![refuses, stack![resumes], respond], "/").await.seen(), (200, "respond"));
}

#[tokio::test]
async fn a_layer_below_a_mounted_layer_that_responds_is_reachable() {
    assert_eq!(call(&app!["/a" => respond, passes], "/b").await.status, 404);
    assert_eq!(call(&app!["/a" => [respond], everything], "/b").await.seen(), (200, "everything"));
}

#[tokio::test]
async fn a_layer_below_an_optional_layer_is_reachable() {
    assert_eq!(call(&app![false.then_some(respond), everything], "/").await.seen(), (200, "everything"));
    assert_eq!(
        call(
            &app![
                #[cfg(any())]
                respond,
                everything
            ],
            "/"
        )
        .await
        .seen(),
        (200, "everything")
    );
}

#[tokio::test]
async fn a_layer_below_a_route_that_does_not_cover_all_is_reachable() {
    assert_eq!(call(&app![everything_or_not, respond], "/").await.seen(), (200, "respond"));
    assert_eq!(call(&app![all_but_the_root, respond], "/").await.seen(), (200, "respond"));
    let mut post: Request = http::Request::post("/").body("").unwrap().into();
    let (answered, _) = crate::support::call_with(&app![every_get, respond], &mut post).await;
    assert_eq!(answered.seen(), (200, "respond"));
}

#[tokio::test]
async fn a_layer_below_a_list_that_may_resume_is_reachable() {
    assert_eq!(call(&app![refuses, stack![resumes, passes], respond], "/").await.seen(), (200, "respond"));
    let app = app![refuses, "/a" => [resumes, passes], respond];
    assert_eq!(call(&app, "/a").await.seen(), (200, "respond"));
    let app = app![router![refuses, resumes], "/a" => router![respond, on_error], respond];
    assert_eq!(call(&app, "/a").await.seen(), (200, "respond"));
    let app = app![Some(router![refuses]).filter(|_| false), respond];
    assert_eq!(call(&app, "/a").await.seen(), (200, "respond"));
}

struct ByHand;

impl ResumingLayer for ByHand {
    async fn run<R: Rest>(&self, _: &mut Rewrite, _: &mut Response, next: Next<(), R>) -> Result {
        next.pass()
    }

    async fn recover(&self, _: Error, _: &mut Rewrite, _: &mut Response, next: Resume) -> Result {
        next.resume()
    }
}

#[tokio::test]
async fn a_layer_below_a_hand_written_resuming_layer_is_reachable() {
    assert_eq!(call(&app![refuses, ByHand, respond], "/").await.seen(), (200, "respond"));
}

#[tokio::test]
async fn an_error_handler_first_in_an_inner_list_is_reachable() {
    let app = app![refuses, "/" => [on_error]];
    assert_eq!(call(&app, "/").await.seen(), (403, "no"));
    let app = app![refuses, stack![on_error, stack![on_error]]];
    assert_eq!(call(&app, "/").await.seen(), (403, "no"));
    let app = app![router![refuses], on_error];
    assert_eq!(call(&app, "/").await.seen(), (403, "no"));
    // Conditions do not make the second entry the first.
    let app = app![
        #[cfg(all())]
        refuses,
        #[cfg(any())]
        passes,
        on_error
    ];
    assert_eq!(call(&app, "/").await.seen(), (403, "no"));
}

struct OnBothTracks;

impl Layer for OnBothTracks {}

fn generic<L: Layer>(layer: L) -> connect::App<impl connect::Chain> {
    app![layer, respond]
}

#[tokio::test]
async fn a_list_in_a_generic_function_compiles() {
    assert_eq!(call(&generic(OnBothTracks), "/").await.seen(), (200, "respond"));
}

#[tokio::test]
async fn a_root_route_below_an_optional_parameter_is_reachable_if_strict() {
    #[get("{/:name}")]
    fn optional(name: Option<&str>) -> String {
        format!("optional {name:?}")
    }
    #[get("/")]
    fn root() -> &'static str {
        "root"
    }
    let app = app![#![strict] optional, root];
    assert_eq!(call(&app, "/").await.seen(), (200, "root"));
    assert_eq!(call(&app, "/x").await.seen(), (200, "optional Some(\"x\")"));
}

#[tokio::test]
async fn a_mounted_root_below_a_route_of_the_same_path_matches_a_second_slash() {
    #[get("/a")]
    fn outside() -> &'static str {
        "outside"
    }
    #[get("/")]
    fn root() -> &'static str {
        "root"
    }
    let app = app![outside, "/a" => root];
    for (path, seen) in [("/a", "outside"), ("/a/", "outside"), ("/a//", "root")] {
        assert_eq!(call(&app, path).await.seen(), (200, seen), "{path}");
    }
}

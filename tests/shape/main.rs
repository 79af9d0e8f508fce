//! How large a stack may be under the default recursion limit, and what a layer allocates: nothing. The programs of
//! `connect-depth` go further, in crates of their own.
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "lints for libraries")]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use connect::testing::Client;
use connect::{
    App, Chain, Error, Next, Request, Response, Result, Resume, app, error_handler, get, middleware, router,
    tower, tower_service,
};
use http::HeaderValue;

/// Reads a header and sets one.
fn touch(req: &Request, res: &mut Response) {
    let known = req.headers().contains_key(http::header::ACCEPT);
    let value = if known { HeaderValue::from_static("1") } else { HeaderValue::from_static("0") };
    res.headers_mut().insert(http::header::AGE, value);
}

#[middleware]
fn plain(req: &mut Request, res: &mut Response, next: Next) -> Result {
    touch(req, res);
    next.pass()
}

#[middleware]
async fn passes(req: &mut Request, res: &mut Response, next: Next) -> Result {
    touch(req, res);
    next.pass()
}

#[middleware]
async fn runs(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let done = next.run(req, res).await;
    touch(req, res);
    Ok(done)
}

#[middleware]
fn answers(_req: &mut Request, res: &mut Response) -> Result {
    res.send("x")
}

#[error_handler]
async fn handles(err: Error, _req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.fail(err)
}

#[error_handler]
fn resumes(_err: Error, _req: &mut Request, _res: &mut Response, next: Resume) -> Result {
    next.resume()
}

/// Runs an app whose layers never wait, without an executor that would allocate.
fn run<C: Chain>(app: &App<C>, path: &'static str) -> Response {
    let mut req = Request::from(http::Request::get(path).body("").expect("a valid path"));
    let mut res = Response::new();
    let _ = now(app.run(&mut req, &mut res));
    res
}

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing in here waits"),
    }
}

/// The allocations of a run, without those of making the request.
fn allocations<C: Chain>(app: &App<C>, path: &'static str) -> u64 {
    let once = || {
        let mut req = Request::from(http::Request::get(path).body("").expect("a valid path"));
        let mut res = Response::new();
        // Room for headers is made once, and not counted against the layers.
        res.headers_mut().reserve(8);
        let count = measure(|| {
            let _ = now(app.run(&mut req, &mut res));
        })
        .count_total;
        assert_eq!(res.status_code(), 200);
        count
    };
    // The first request of a thread makes what the later ones use again.
    once();
    once()
}

/// `app![layer, .. n times .., answers]`, for each n.
macro_rules! repeated {
    ($($n:literal: $($layer:ident)*;)*) => {
        [$(($n, allocations(&app![$($layer,)* answers], "/"))),*]
    };
}

#[test]
fn plain_layers_allocate_nothing() {
    let counts = repeated! {
        0: ;
        1: plain;
        10: plain plain plain plain plain plain plain plain plain plain;
        40: plain plain plain plain plain plain plain plain plain plain
            plain plain plain plain plain plain plain plain plain plain
            plain plain plain plain plain plain plain plain plain plain
            plain plain plain plain plain plain plain plain plain plain;
    };
    for (n, count) in counts {
        assert_eq!(count, 0, "{n} layers");
    }
}

#[test]
fn async_layers_allocate_once_for_every_four_above_four() {
    macro_rules! both {
        ($layer:ident) => {
            repeated! {
                1: $layer;
                2: $layer $layer;
                3: $layer $layer $layer;
                4: $layer $layer $layer $layer;
                5: $layer $layer $layer $layer $layer;
                8: $layer $layer $layer $layer $layer $layer $layer $layer;
                9: $layer $layer $layer $layer $layer $layer $layer $layer $layer;
                20: $layer $layer $layer $layer $layer $layer $layer $layer $layer $layer
                    $layer $layer $layer $layer $layer $layer $layer $layer $layer $layer;
            }
        };
    }
    for (n, count) in both!(passes).into_iter().chain(both!(runs)) {
        // A debug build hides the types of what follows the first sixteen, in a box.
        let hidden = u64::from(cfg!(debug_assertions) && n > 16);
        let allowed = u64::max(n, 4).div_ceil(4) - 1 + hidden;
        assert!(count <= allowed, "{n} layers: {count} allocations, {allowed} allowed");
    }
}

#[test]
fn error_handlers_allocate_nothing_without_an_error() {
    let app = app![plain, handles, handles, passes, resumes, handles, passes, handles, answers];
    assert_eq!(allocations(&app, "/"), 0);
}

#[test]
fn an_error_allocates_once_itself_once_per_link_and_once_per_handler() {
    #[middleware]
    fn fails(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
        next.fail(Error::msg("failed"))
    }
    #[error_handler]
    fn takes(_err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.send("x")
    }
    // That of a handler is where the error leaves itself, should the handler fail with another one.
    let handler = 1;
    // Plain layers are one link, and the error does not leave it.
    assert_eq!(allocations(&app![fails, plain, takes], "/"), 1 + handler);
    assert_eq!(allocations(&app![fails, passes, takes], "/"), 1 + 1 + handler);
    assert_eq!(allocations(&app![fails, passes, passes, passes, takes], "/"), 1 + 1 + handler);
    assert_eq!(
        allocations(&app![passes, fails, handles, "/x" => router![plain], takes], "/"),
        1 + 2 + 2 * handler
    );
}

#[test]
fn a_mount_allocates_on_entry_and_on_exit() {
    assert_eq!(allocations(&app!["/other" => plain, "/other" => [runs], answers], "/x"), 0);
    // In a debug build each has a second box, which hides what is mounted and what follows it.
    let boxes = 1 + u64::from(cfg!(debug_assertions));
    assert_eq!(allocations(&app!["/x" => [plain, answers]], "/x"), boxes);
    assert_eq!(allocations(&app!["/x" => router![plain, runs], answers], "/x"), 2 * boxes);
}

#[test]
fn a_route_with_four_parameters_or_its_own_stack_allocates_nothing() {
    #[get("/:a/:b/:c/:d")]
    async fn four(a: &str, b: u8, c: u8, d: u8, res: &mut Response) -> Result {
        let _ = (a, b, c, d);
        res.send("four")
    }
    #[get("/:a", plain, passes, runs)]
    fn stacked(a: &str) -> &'static str {
        let _ = a;
        "stacked"
    }
    #[get("/passed/:id")]
    async fn hands_on(id: u64, next: Next) -> Result {
        let _ = id;
        next.pass()
    }
    let app = app![plain, hands_on, four, stacked, answers];
    // In a debug build the future of each route that is entered is in a box, and its function below its own stack.
    let held = u64::from(cfg!(debug_assertions));
    for (path, boxes) in [("/a/1/2/3", 1), ("/a", 2), ("/passed/1", 1), ("/none/of/them", 0)] {
        assert_eq!(allocations(&app, path), boxes * held, "{path}");
    }
}

/// The bytes of the future of a request, down to the first box.
fn future_size<C: Chain>(app: &App<C>) -> usize {
    let mut req = Request::from(http::Request::get("/").body("").expect("a valid path"));
    let mut res = Response::new();
    size_of_val(&app.run(&mut req, &mut res))
}

#[test]
fn the_future_of_ten_layers_is_small() {
    #[get("/")]
    async fn hello(res: &mut Response) -> Result {
        res.send("hello")
    }
    macro_rules! sizes {
        ($($layer:ident)*) => {
            [$(
                (stringify!($layer), [
                    future_size(&app![hello]),
                    future_size(&app![$layer, hello]),
                    future_size(&app![$layer, $layer, $layer, $layer, $layer, hello]),
                    future_size(&app![
                        $layer, $layer, $layer, $layer, $layer, $layer, $layer, $layer, $layer, $layer, hello
                    ]),
                ]),
            )*]
        };
    }
    println!("| layers of a route | 0 | 1 | 5 | 10 |\n|---|--:|--:|--:|--:|");
    // A little above what they are, in bytes.
    let limits = [[168, 176, 176, 176], [168, 240, 240, 288], [168, 304, 312, 448]];
    for ((layer, sizes), limits) in sizes!(plain passes runs).into_iter().zip(limits) {
        let [none, one, five, ten] = sizes;
        println!("| `{layer}` | {none} | {one} | {five} | {ten} |");
        assert!(
            sizes.iter().zip(limits).all(|(size, limit)| *size <= limit),
            "{layer}: {sizes:?} {limits:?}"
        );
    }
}

#[test]
fn sixty_mixed_layers_fit_in_one_app() {
    let app = app![
        [plain, passes, runs, handles, resumes, passes],
        [plain, passes, runs, handles, resumes, passes],
        [plain, passes, runs, handles, resumes, passes],
        [plain, passes, runs, handles, resumes, passes],
        [plain, passes, runs, handles, resumes, passes],
        [plain, passes, runs, handles, resumes, passes],
        [plain, passes, runs, handles, resumes, passes],
        [plain, passes, runs, handles, resumes, passes],
        [plain, passes, runs, handles, resumes, passes],
        [plain, passes, runs, handles, resumes, answers],
    ];
    assert_eq!(app.to_string().lines().count(), 60);
    assert_eq!(run(&app, "/").status_code(), 200);
    served(&app, "/", 200);
}

#[test]
fn sixty_running_layers_fit_in_one_app() {
    let app = app![
        [runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs],
        [runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs],
        [runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs],
        [runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs, runs],
        answers
    ];
    assert_eq!(run(&app, "/").status_code(), 200);
    served(&app, "/", 200);
}

tokio::task_local!(static DEPTH: u8);

/// As layers are in practice: something is wrapped around the run, and each wrapper is a few levels of types.
#[middleware]
async fn wraps(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let below = async {
        use tracing::Instrument;
        next.run(req, res).instrument(tracing::Span::none()).await
    };
    let limited = std::pin::pin!(DEPTH.scope(1, below));
    Ok(tokio::task::unconstrained(limited).await)
}

#[test]
fn twenty_layers_that_wrap_next_run_fit_in_one_app() {
    let app = app![
        [wraps, wraps, wraps, wraps, wraps, wraps, wraps, wraps, wraps, wraps],
        [wraps, wraps, wraps, wraps, wraps, wraps, wraps, wraps, wraps, wraps],
        answers
    ];
    assert_eq!(run(&app, "/").status_code(), 200);
    served(&app, "/", 200);
}

/// A user's own function around a future, as it is written.
async fn watched<F: Future>(future: F) -> F::Output {
    let output = future.await;
    std::hint::black_box(());
    output
}

#[middleware]
async fn wraps_thrice(req: &mut Request, res: &mut Response, next: Next) -> Result {
    Ok(watched(watched(watched(next.run(req, res)))).await)
}

/// Each of the three keeps what it is given twice: eight times what follows, for each layer, were it not in a box.
#[test]
fn thirty_layers_that_wrap_next_run_thrice_need_at_most_two_mebibytes_of_stack() {
    let app = app![
        [wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice],
        [wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice],
        [wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice],
        [wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice],
        [wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice, wraps_thrice],
        answers
    ];
    let size = future_size(&app);
    assert!(size < 2048, "{size} bytes");
    let runs = move || {
        assert_eq!(run(&app, "/").status_code(), 200);
        served(&app, "/", 200);
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(runs).expect("a thread");
    assert!(thread.join().is_ok());
}

#[test]
fn sixty_links_of_every_kind_fit_in_one_app() {
    let app = app![
        [plain, "/x" => runs, handles, passes, router![plain], runs],
        ["/x" => [plain, handles], plain, "/x" => passes, "/y" => runs, "/z" => plain, handles],
        ["/x" => answers, "/x" => answers, "/x" => answers, "/x" => answers, runs, "/x" => answers],
        [runs, "/x" => answers, runs, "/x" => answers, runs, "/x" => answers],
        [runs, plain, runs, plain, runs, plain],
        [handles, handles, handles, handles, handles, handles],
        ["/x" => answers, "/x" => answers, "/x" => answers, "/x" => answers, "/x" => answers, runs],
        ["/x" => answers, "/x" => answers, "/x" => answers, "/x" => answers, "/x" => answers, runs],
        ["/x" => answers, "/x" => answers, "/x" => answers, "/x" => answers, "/x" => answers, runs],
        ["/x" => answers, "/x" => answers, "/x" => answers, "/x" => answers, "/x" => answers, answers],
    ];
    assert_eq!(run(&app, "/").status_code(), 200);
    served(&app, "/", 200);
}

#[test]
fn routers_nest_six_deep_with_four_layers_each() {
    let app = app!["/1" => router![runs, passes, plain, runs,
        "/2" => router![runs, passes, plain, runs,
            "/3" => router![runs, passes, plain, runs,
                "/4" => router![runs, passes, plain, runs,
                    "/5" => router![runs, passes, plain, runs,
                        "/6" => router![runs, passes, plain, runs]]]]]], answers];
    assert_eq!(run(&app, "/1/2/3/4/5/6").status_code(), 200);
    served(&app, "/1/2/3/4/5/6", 200);
}

#[test]
fn sixty_four_mounts_fit_side_by_side() {
    macro_rules! mounts {
        ($($path:literal)*) => { app![$($path => [passes, answers]),*] };
    }
    let app = mounts!(
        "/0" "/1" "/2" "/3" "/4" "/5" "/6" "/7" "/8" "/9" "/10" "/11" "/12" "/13" "/14" "/15"
        "/16" "/17" "/18" "/19" "/20" "/21" "/22" "/23" "/24" "/25" "/26" "/27" "/28" "/29" "/30" "/31"
        "/32" "/33" "/34" "/35" "/36" "/37" "/38" "/39" "/40" "/41" "/42" "/43" "/44" "/45" "/46" "/47"
        "/48" "/49" "/50" "/51" "/52" "/53" "/54" "/55" "/56" "/57" "/58" "/59" "/60" "/61" "/62" "/63"
    );
    for path in ["/0", "/31", "/63/x"] {
        assert_eq!(run(&app, path).status_code(), 200, "{path}");
    }
    assert_eq!(run(&app, "/64").status_code(), 404);
    served(&app, "/63/x", 200);
}

/// Takes the app through the test client and its own server: it is where it is served that rustc meets its limits.
fn served<C: Chain>(app: &App<C>, path: &str, status: u16) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        Client::new(app.clone()).get(path).send().await.assert_status(status);
        Client::serve(app.clone()).await.expect("a socket").get(path).send().await.assert_status(status);
    });
}

/// A tower layer that changes nothing.
#[derive(Clone, Copy)]
struct Nothing;

impl<S> ::tower::Layer<S> for Nothing {
    type Service = S;
    fn layer(&self, inner: S) -> S {
        inner
    }
}

#[test]
fn a_tower_layer_allocates_twice_and_the_first_extension_twice_more() {
    assert_eq!(allocations(&app![tower(Nothing), answers], "/"), 2 + 2);
    assert_eq!(allocations(&app![tower(Nothing), tower(Nothing), answers], "/"), 2 + 2 * 2);
    assert_eq!(allocations(&app![tower((Nothing, Nothing)), answers], "/"), 2 + 2);
    let above = app![plain, passes, runs, tower(Nothing), plain, passes, runs, tower(Nothing), answers];
    assert_eq!(allocations(&above, "/"), 2 + 2 * 2 + 1);
}

/// Replaces a header that was there before the run.
#[middleware]
fn replaces(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set(http::header::AGE, HeaderValue::from_static("2"));
    next.pass()
}

/// A run that may be dropped.
#[middleware]
async fn may_drop(req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set(http::header::AGE, HeaderValue::from_static("1"));
    Ok(tokio::task::unconstrained(next.run(req, res)).await)
}

#[test]
fn a_wrapped_run_allocates_its_box_and_nothing_for_the_headers() {
    let alone = allocations(&app![may_drop, answers], "/");
    assert_eq!(alone, 1);
    assert_eq!(allocations(&app![may_drop, replaces, answers], "/"), alone);
    assert_eq!(allocations(&app![may_drop, may_drop, replaces, answers], "/"), 2 * alone);
}

#[test]
fn a_tower_service_allocates_nothing() {
    let service = ::tower::service_fn(|_: http::Request<connect::Body>| {
        std::future::ready(Ok::<_, std::convert::Infallible>(http::Response::new(connect::Body::from("x"))))
    });
    assert_eq!(allocations(&app![tower_service(service)], "/"), 0);
}

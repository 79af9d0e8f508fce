//! Mount paths, and the target inside of them.

use connect::{Next, Request, Response, Result, Rewrite, app, middleware, router};

use crate::support::call;

/// Responds with all forms of the target.
#[middleware]
async fn show(req: &mut Request, res: &mut Response) -> Result {
    res.send(format!(
        "url={} path={} mount={} uri={} original={}",
        req.url(),
        req.path(),
        req.mount_path(),
        req.uri(),
        req.original_uri()
    ))
}

#[middleware]
async fn rewrite(#[config] url: &str, req: &mut Rewrite, _res: &mut Response, next: Next) -> Result {
    req.set_url(url)?;
    next.pass()
}

#[tokio::test]
async fn nested_mounts_strip_their_paths() {
    let app = app!["/a" => router!["/b" => [show]], show];
    assert_eq!(
        call(&app, "/A/b/c?x=1").await.body,
        "url=/c?x=1 path=/c mount=/A/b uri=/A/b/c?x=1 original=/A/b/c?x=1"
    );
    assert_eq!(call(&app, "/a/bc").await.body, "url=/a/bc path=/a/bc mount= uri=/a/bc original=/a/bc");
}

#[tokio::test]
async fn a_rewrite_in_a_mount_is_seen_by_the_parent_with_the_prefix_in_front() {
    let app = app!["/blog" => rewrite("/changed?q=1"), show];
    assert_eq!(
        call(&app, "/blog").await.body,
        "url=/blog/changed?q=1 path=/blog/changed mount= uri=/blog/changed?q=1 original=/blog"
    );
}

#[tokio::test]
async fn a_rewrite_decides_which_mounts_match_below() {
    let app = app![rewrite("/b"), "/a" => show, "/b" => show];
    assert_eq!(call(&app, "/a").await.body, "url=/ path=/ mount=/b uri=/b original=/a");
}

#[tokio::test]
async fn reserved_characters_are_literal_with_a_backslash() {
    let app = app!["/user/\\:id" => show];
    assert_eq!(call(&app, "/user/:id/x").await.body.split(' ').next(), Some("url=/x"));
    assert_eq!(call(&app, "/user/5/x").await.status, 404);
}

#[tokio::test]
async fn the_path_is_restored_after_next_run() {
    #[middleware]
    async fn before_and_after(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let before = req.path().to_owned();
        let done = next.run(req, res).await;
        assert_eq!((before.as_str(), req.mount_path()), (req.path(), "/a"));
        Ok(done)
    }
    let app = app!["/a" => [before_and_after, router![before_and_after]], show];
    assert_eq!(call(&app, "/a/b").await.body, "url=/a/b path=/a/b mount= uri=/a/b original=/a/b");
}

mod typed {
    //! `#[mount] team: &str`: parameters of mounts, as types and proven. What is refused is in the golden files.

    use connect::{
        Error, FromParam, Next, Request, Response, Result, Stack, app, error_handler, get, guard, middleware,
        router, stack,
    };

    use crate::support::call;

    /// A type of one's own.
    struct Slug(String);

    impl FromParam<'_> for Slug {
        type Error = Error;
        fn from_param(text: &str) -> std::result::Result<Self, Error> {
            if text.contains(' ') { Err(Error::new(404, "no such team")) } else { Ok(Slug(text.to_owned())) }
        }
    }

    struct Team(String);

    #[middleware]
    fn plain(#[mount] team: &str, res: &mut Response, next: Next<Team>) -> Result {
        res.set("x-team", team);
        next.with(Team(team.to_owned())).pass()
    }

    #[middleware]
    async fn later(
        req: &mut Request,
        res: &mut Response,
        #[mount] team: Slug,
        #[mount] id: u32,
        next: Next,
    ) -> Result {
        tokio::task::yield_now().await;
        let done = next.run(req, res).await;
        res.set("x-later", format!("{} {id}", team.0));
        Ok(done)
    }

    #[get("/show/:page")]
    fn show(#[mount] team: &str, page: u8, #[mount] id: u32) -> String {
        format!("{team} {id} {page}")
    }

    #[get("/too/:page")]
    fn too(#[mount] team: Slug, page: u8) -> String {
        format!("{} {page}", team.0)
    }

    #[get("/own")]
    async fn own(#[mount] _team: String, req: &mut Request, team: &Team) -> String {
        format!("{} {}", team.0, req.path())
    }

    #[get("/files")]
    fn files(#[mount] lang: Option<&str>, #[mount] path: Vec<&str>) -> String {
        format!("{lang:?} {path:?}")
    }

    #[error_handler]
    fn on_error(err: Error, #[mount] team: &str, res: &mut Response) -> Result {
        res.status(err.status()).send(format!("{team}: {err}"))
    }

    /// The parameters of a stack function are checked when the program is built.
    fn pages() -> impl Stack<(Team,)> {
        stack![guard![later => show], own]
    }

    #[tokio::test]
    async fn mount_parameters_are_typed_in_lists_mounts_merging_routers_and_stack_functions() {
        let app =
            app!["/:team" => [plain, "/n/:id" => [pages(), router![#![merge_params] later, too]], on_error]];
        let response = call(&app, "/red/n/7/show/3").await;
        assert_eq!((response.seen(), response.header("x-team")), ((200, "red 7 3"), Some("red")));
        assert_eq!(response.header("x-later"), Some("red 7"));
        assert_eq!(call(&app, "/red/n/7/own").await.body, "red /own");
        assert_eq!(call(&app, "/red/n/7/too/4").await.body, "red 4");
        assert_eq!(
            call(&app, "/red/n/x/show/3").await.seen(),
            (400, "red: parameter `id`: expected u32, got `x` (invalid digit found in string)")
        );
        assert_eq!(call(&app, "/a%20b/n/7/show/3").await.seen(), (404, "a b: no such team"));
        let app = app!["{/:lang}/files/*path" => files_router()];
        assert_eq!(call(&app, "/en/files/a/b").await.status, 404);
    }

    fn files_router() -> impl Stack {
        router![#![merge_params] files]
    }

    #[tokio::test]
    async fn optional_and_splat_mount_parameters_have_their_types() {
        let app = app!["/x{/l-:lang}" => ["/y/*path" => [inner]]];
        #[middleware]
        fn inner(#[mount] lang: Option<&str>, #[mount] path: Vec<&str>, res: &mut Response) -> Result {
            res.send(format!("{lang:?} {path:?}"))
        }
        assert_eq!(call(&app, "/x/l-en/y/a/b").await.body, "Some(\"en\") [\"a\", \"b\"]");
        assert_eq!(call(&app, "/x/y/a").await.body, "None [\"a\"]");
    }
}

//! Mount paths, and the target inside of them.

use connect::{Next, Request, Response, Result, Rewrite, app, middleware, router};

use crate::support::call;

/// Answers with all the views of the target.
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
async fn mounts_strip_their_path_and_add_up() {
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
async fn the_path_is_the_layers_own_again_after_running_the_rest() {
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

//! The attributes and the grammar of stacks.

use connect::{Error, Next, Request, Response, Result, app, error_handler, middleware, router, stack};

use crate::support::call;

#[middleware]
fn respond(#[config] text: &'static str, _req: &mut Request, res: &mut Response) -> Result {
    res.send(text)
}

#[tokio::test]
async fn a_list_may_use_any_brackets() {
    #[middleware]
    fn pass(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
        next.pass()
    }
    let lists = [
        app![pass, respond("x")].to_string(),
        app!(pass, respond("x"),).to_string(),
        app! { pass, respond("x") }.to_string(),
        app!(< pass, respond("x") >).to_string(),
        app![<pass, [respond("x")],>].to_string(),
        app!(< pass, respond("x") >,).to_string(),
        app![stack![], pass, respond("x")].to_string().replace("stack\n", ""),
    ];
    for list in lists {
        assert_eq!(list, "pass\nrespond");
    }
    assert_eq!(app!(< "/a" => router!(< pass >), respond("x") >).to_string(), "/a\n  pass\nrespond");
    assert_eq!(app![].to_string(), "");
    assert_eq!(call(&app![], "/x").await.status, 404);
}

#[tokio::test]
async fn angle_brackets_in_an_entry_belong_to_the_entry() {
    trait Api {
        fn hello() -> connect::App<impl connect::Chain>;
    }
    struct Here;
    impl Api for Here {
        fn hello() -> connect::App<impl connect::Chain> {
            app![respond("here")]
        }
    }
    fn made<T: Default + ToString>() -> impl connect::Stack {
        let _: String = T::default().to_string();
        stack![respond("made")]
    }
    assert_eq!(call(&app![<Here as Api>::hello()], "/").await.body, "here");
    assert_eq!(call(&app![<Here as Api>::hello], "/").await.body, "here");
    assert_eq!(call(&app!["/x" => <Here as Api>::hello, made::<u8>], "/").await.body, "made");
}

#[tokio::test]
async fn an_entry_can_be_removed_by_cfg() {
    let app = app![
        #[cfg(any())]
        respond("left out"),
        #[cfg(not(any()))]
        "/in" => respond("in"),
        #[cfg(all(),)]
        #[cfg(any(),)]
        [respond("both"), respond("must hold")],
        #[cfg(any())]
        no_such_layer,
        respond("rest"),
    ];
    assert_eq!(app.to_string(), "/in\n  respond\nrespond");
    assert_eq!(call(&app, "/in").await.body, "in");
    assert_eq!(call(&app, "/").await.body, "rest");
}

#[tokio::test]
async fn configuration_is_cloned_or_borrowed() {
    #[derive(Clone)]
    struct Names(Vec<&'static str>);
    struct NoClone(u8);
    #[middleware]
    async fn all(
        #[config] by_value: Names,
        #[config] borrowed: &NoClone,
        #[config] text: &str,
        #[config] mut count: usize,
        #[config] slice: &[u8; 2],
        _req: &mut Request,
        res: &mut Response,
    ) -> Result {
        count += by_value.0.len();
        tokio::task::yield_now().await;
        res.send(format!("{count} {} {text} {slice:?}", borrowed.0))
    }
    let app = app![all(Names(vec!["a", "b"]), NoClone(7), String::from("text"), 1, [8, 9])];
    for _ in 0..2 {
        assert_eq!(call(&app, "/").await.body, "3 7 text [8, 9]");
    }
}

#[tokio::test]
async fn handlers_can_be_associated_functions() {
    struct Api;
    impl Api {
        #[middleware]
        async fn hello(_req: &mut Request, res: &mut Response) -> Result {
            res.send("hello")
        }
        #[error_handler]
        pub(crate) fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
            res.send(err.to_string())
        }
    }
    let app = app![Api::hello, Api::on_error];
    assert_eq!(call(&app, "/").await.body, "hello");
    assert_eq!(app.to_string(), "hello\non_error");
}

#[tokio::test]
async fn a_user_macro_can_build_a_stack() {
    macro_rules! hello {
        ($name:ident, $text:expr) => {
            #[middleware]
            async fn $name(_req: &mut Request, res: &mut Response) -> Result {
                res.send($text)
            }
        };
    }
    macro_rules! stacked {
        ($($layer:expr),*) => { app![$($layer),*] };
    }
    hello!(first, "from a macro");
    assert_eq!(call(&stacked![stack![], first], "/").await.body, "from a macro");
}

#[tokio::test]
async fn aliases_of_the_librarys_types_are_accepted() {
    use connect::{Next as Onwards, Request as Req, Response as Res};
    type Answered = connect::Result;
    #[middleware]
    async fn hello(req: &mut Req, res: &mut Res, next: Onwards) -> Answered {
        Ok(next.run(req, res).await)
    }
    assert_eq!(call(&app![hello, respond("x")], "/").await.body, "x");
}

/// A layer declares only the parameters that it uses.
mod leaves_out {
    use connect::{
        Error, Next, Request, Response, Result, Resume, With, app, bail, error_handler, get, middleware,
        provide,
    };

    use crate::support::call;

    struct Db(u32);
    struct Other;
    struct Text(&'static str);

    #[middleware]
    fn next_alone(next: Next) -> Result {
        next.pass()
    }

    #[middleware]
    async fn next_alone_waits(next: Next) -> Result {
        tokio::task::yield_now().await;
        next.pass()
    }

    #[middleware]
    async fn without_response(req: &mut With<Db>, other: Option<&Other>, next: Next) -> Result {
        if req.get::<Db>().0 != 7 || other.is_some() {
            bail!(500, "two databases");
        }
        next.pass()
    }

    #[middleware]
    fn without_request(res: &mut Response, db: Option<&Db>, next: Next<Text>) -> Result {
        res.set("x-db", db.map_or(0, |db| db.0));
        next.with(Text("value")).pass()
    }

    #[middleware]
    fn value_alone(db: &Db, #[allow(unused)] next: Next) -> Result {
        if db.0 == 7 { next.pass() } else { next.route() }
    }

    #[middleware]
    fn closed() -> Result {
        bail!(503, "closed for {}", "today")
    }

    #[middleware]
    fn answers(res: &mut Response) -> Result {
        res.send("answered")
    }

    #[middleware]
    fn fails(req: &mut Request) -> Result {
        bail!(418, "failed at {}", req.path())
    }

    #[error_handler]
    fn error_alone(err: Error) -> Result {
        Err(err.with_message("again"))
    }

    #[error_handler]
    async fn error_and_next(err: Error, next: Next) -> Result {
        next.fail(err)
    }

    #[error_handler]
    fn error_and_response(err: Error, res: &mut Response) -> Result {
        res.status(err.status()).send(err.to_string())
    }

    #[error_handler]
    fn resumes(_err: Error, req: &mut Request, next: Resume) -> Result {
        req.extensions_mut().insert("resumed");
        next.resume()
    }

    #[get("/")]
    fn index(text: &Text) -> &'static str {
        text.0
    }

    #[tokio::test]
    async fn a_layer_takes_only_the_parameters_it_uses() {
        let app = app![
            provide(Db(7)),
            next_alone,
            next_alone_waits,
            value_alone,
            without_response,
            without_request,
            index,
            "/closed" => [closed],
            "/answers" => [answers],
            "/fails" => [fails],
            "/resumes" => [fails, resumes, answers],
            error_alone,
            error_and_next,
            error_and_response
        ];
        let response = call(&app, "/").await;
        assert_eq!((response.seen(), response.header("x-db")), ((200, "value"), Some("7")));
        assert_eq!(call(&app, "/closed").await.seen(), (503, "again"));
        assert_eq!(call(&app, "/answers").await.body, "answered");
        assert_eq!(call(&app, "/fails").await.seen(), (418, "again"));
        assert_eq!(call(&app, "/resumes").await.body, "answered");
    }
}

/// A function that ends without a response or a call of `next` is refused; these all end with one.
mod ends {
    use connect::{Error, Next, Request, Response, Result, app, middleware};

    use crate::support::call;

    type Req<'a> = &'a mut Request;
    type Res<'a> = &'a mut Response;

    mod payment {
        pub(super) struct Request(pub(super) u32);
        pub(super) struct Error(pub(super) u32);
    }

    macro_rules! error {
        ($status:expr) => {
            return Err(Error::new($status, "by a macro"))
        };
    }

    #[middleware]
    #[rustfmt::skip]
    fn by_a_macro(_req: Req<'_>, _res: Res<'_>, _next: Next) -> Result {
        error!(410);
    }

    #[middleware]
    #[allow(clippy::needless_return, clippy::let_unit_value)]
    fn by_a_let(req: &mut Request, next: Next) -> Result {
        let _: () = match req.path() {
            "/" => return next.pass(),
            _ => return Err(Error::new(409, "by a let")),
        };
    }

    #[middleware]
    #[allow(clippy::needless_return, reason = "that is what is tested")]
    fn by_a_setter(res: &mut Response) -> Result {
        res.set("x-a", if 1 > 0 { return res.send("set") } else { "b" });
        res.send("never")
    }

    #[middleware]
    fn values_of_other_modules(order: &payment::Request, last: &payment::Error, next: Next) -> Result {
        if order.0 == last.0 { next.pass() } else { Err(Error::new(402, "not paid")) }
    }

    #[tokio::test]
    async fn functions_that_return_early_compile() {
        assert_eq!(call(&app![by_a_macro], "/").await.status, 410);
        assert_eq!(call(&app![by_a_let], "/x").await.status, 409);
        assert_eq!(call(&app![by_a_setter], "/").await.body, "set");
        let app = app![
            connect::provide(payment::Request(1)),
            connect::provide(payment::Error(1)),
            values_of_other_modules
        ];
        assert_eq!(call(&app, "/").await.status, 404);
    }
}

//! Values as parameters of a middleware, and up to thirteen of them.

use connect::{Next, Request, Response, Result, With, app, get, middleware, provide};

use crate::support::call;

struct User(String);
struct Db(u32);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("nobody".to_owned())).pass()
}

/// Takes values as parameters, as a route does.
#[middleware]
fn plain_with_values(
    _req: &mut Request,
    res: &mut Response,
    user: &User,
    db: Option<&Db>,
    next: Next,
) -> Result {
    res.set("x-plain", format!("{} {:?}", user.0, db.map(|db| db.0)));
    next.pass()
}

#[middleware]
async fn async_with_values(
    req: &mut Request,
    res: &mut Response,
    user: &User,
    db: &Db,
    next: Next,
) -> Result {
    tokio::task::yield_now().await;
    let done = next.run(req, res).await;
    res.set("x-async", format!("{} {}", user.0, db.0));
    Ok(done)
}

#[middleware]
async fn beside_with(
    #[config] name: String,
    req: &mut With<User>,
    res: &mut Response,
    db: &Db,
    next: Next,
) -> Result {
    res.set("x-with", format!("{name} {} {}", req.get::<User>().0, db.0));
    Ok(next.run(req, res).await)
}

#[tokio::test]
async fn a_middleware_takes_values_as_a_route_does() {
    #[get("/")]
    fn index() -> &'static str {
        "index"
    }
    let app = app![
        auth,
        "/" => [plain_with_values],
        provide(Db(7)),
        async_with_values,
        beside_with("b".to_owned()),
        index
    ];
    let response = call(&app, "/").await;
    let seen = ["x-plain", "x-async", "x-with"].map(|name| response.header(name).unwrap_or("-").to_owned());
    assert_eq!(seen, ["nobody None", "nobody 7", "b nobody 7"]);
}

/// Types that differ by a number.
#[derive(Clone, Copy)]
struct Nth<const N: u8>(u32);

#[middleware]
fn six(
    _req: &mut Request,
    _res: &mut Response,
    next: Next<(Nth<0>, Nth<1>, Nth<2>, Nth<3>, Nth<4>, Nth<5>)>,
) -> Result {
    next.with((Nth(0), Nth(1), Nth(2), Nth(3), Nth(4), Nth(5))).pass()
}

#[middleware]
fn twelve(
    _req: &mut Request,
    _res: &mut Response,
    next: Next<(
        Nth<0>,
        Nth<1>,
        Nth<2>,
        Nth<3>,
        Nth<4>,
        Nth<5>,
        Nth<6>,
        Nth<7>,
        Nth<8>,
        Nth<9>,
        Nth<10>,
        Nth<11>,
    )>,
) -> Result {
    next.with((
        Nth(0),
        Nth(1),
        Nth(2),
        Nth(3),
        Nth(4),
        Nth(5),
        Nth(6),
        Nth(7),
        Nth(8),
        Nth(9),
        Nth(10),
        Nth(11),
    ))
    .pass()
}

#[middleware]
#[rustfmt::skip]
async fn needs_thirteen(
    req: &mut Request, res: &mut Response,
    a: &Nth<0>, b: &Nth<1>, c: &Nth<2>, d: &Nth<3>, e: &Nth<4>, f: &Nth<5>, g: &Nth<6>, h: &Nth<7>, i: &Nth<8>,
    j: &Nth<9>, k: &Nth<10>, l: &Nth<11>, m: &Nth<12>,
    next: Next,
) -> Result {
    let sum = a.0 + b.0 + c.0 + d.0 + e.0 + f.0 + g.0 + h.0 + i.0 + j.0 + k.0 + l.0 + m.0;
    res.set("x-sum", sum);
    Ok(next.run(req, res).await)
}

#[get("/thirteen")]
#[rustfmt::skip]
fn takes_thirteen(
    a: &Nth<0>, b: &Nth<1>, c: &Nth<2>, d: &Nth<3>, e: &Nth<4>, f: &Nth<5>, g: &Nth<6>, h: &Nth<7>, i: &Nth<8>,
    j: &Nth<9>, k: &Nth<10>, l: &Nth<11>, m: &Nth<12>,
) -> String {
    let all = [a.0, b.0, c.0, d.0, e.0, f.0, g.0, h.0, i.0, j.0, k.0, l.0, m.0];
    format!("{all:?}")
}

#[middleware]
#[rustfmt::skip]
fn with_twelve(
    req: &mut With<(
        Nth<0>, Nth<1>, Nth<2>, Nth<3>, Nth<4>, Nth<5>, Nth<6>, Nth<7>, Nth<8>, Nth<9>, Nth<10>, Nth<11>,
    )>,
    res: &mut Response,
    next: Next,
) -> Result {
    let last = req.get::<Nth<11>>().0 + req.get::<Nth<0>>().0;
    res.set("x-last", last);
    next.pass()
}

#[rustfmt::skip]
type Twelve = (
    Nth<0>, Nth<1>, Nth<2>, Nth<3>, Nth<4>, Nth<5>, Nth<6>, Nth<7>, Nth<8>, Nth<9>, Nth<10>, Nth<11>,
);

/// A stack from a function that provides twelve values, and one that needs as many.
fn provides_twelve() -> impl connect::Stack<(), Twelve> {
    connect::stack![twelve]
}

fn needs_twelve() -> impl connect::Stack<Twelve> {
    connect::stack![with_twelve, six_of_them]
}

#[get("/six")]
fn six_of_them(a: &Nth<6>, b: &Nth<7>, c: &Nth<8>, d: &Nth<9>, e: &Nth<10>, f: &Nth<11>) -> String {
    format!("{} {} {} {} {} {}", a.0, b.0, c.0, d.0, e.0, f.0)
}

#[tokio::test]
async fn twelve_values_and_more_are_provided_needed_and_declared() {
    let app = app![provides_twelve(), provide(Nth::<12>(12)), needs_thirteen, needs_twelve(), takes_thirteen];
    let response = call(&app, "/thirteen").await;
    assert_eq!(response.seen(), (200, "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]"));
    assert_eq!((response.header("x-sum"), response.header("x-last")), (Some("78"), Some("11")));
    assert_eq!(call(&app, "/six").await.seen(), (200, "6 7 8 9 10 11"));

    #[get("/own", six, needs = (Nth<6>, Nth<7>, Nth<8>, Nth<9>, Nth<10>, Nth<11>, Nth<12>))]
    #[rustfmt::skip]
    fn own(
        a: &Nth<0>, b: &Nth<1>, c: &Nth<2>, d: &Nth<3>, e: &Nth<4>, f: &Nth<5>, g: &Nth<6>, h: &Nth<7>, i: &Nth<8>,
        j: &Nth<9>, k: &Nth<10>, l: &Nth<11>, m: &Nth<12>,
    ) -> String {
        (a.0 + b.0 + c.0 + d.0 + e.0 + f.0 + g.0 + h.0 + i.0 + j.0 + k.0 + l.0 + m.0).to_string()
    }
    #[rustfmt::skip]
    let app = app![
        provide(Nth::<6>(6)), provide(Nth::<7>(7)), provide(Nth::<8>(8)), provide(Nth::<9>(9)), provide(Nth::<10>(10)),
        provide(Nth::<11>(11)), provide(Nth::<12>(12)), own,
    ];
    assert_eq!(call(&app, "/own").await.seen(), (200, "78"));
}

/// Methods of these names are on every value, and no entry's method is taken for them.
trait OfEverything {
    fn entry(&self) -> u8 {
        1
    }
    fn or(&self) -> u8 {
        self.entry() + 1
    }
}
impl<T> OfEverything for T {}

#[middleware]
fn greeting(next: Next<&'static str>) -> Result {
    next.with("hello").pass()
}

#[middleware]
fn greeted(req: &mut With<&'static str>, res: &mut Response, next: Next) -> Result {
    res.set("x-greeting", *req.get::<&'static str>());
    next.pass()
}

/// An `Option` of a declared value is always `Some`.
#[get("/sure", greeted, needs = (&'static str, User))]
fn sure(user: Option<&User>) -> String {
    user.map_or_else(|| "no user".to_owned(), |user| user.0.clone())
}

#[get("/provided", greeted, needs = (&'static str, User))]
fn provided(req: &Request) -> String {
    req.provided::<User>().map_or_else(|| "no user".to_owned(), |user| user.0.clone())
}

type Alias = User;

#[get("/alias", greeted, needs = (&'static str, Alias))]
fn alias(user: &User) -> String {
    user.0.clone()
}

#[tokio::test]
async fn a_declared_need_can_be_read_as_an_option_or_by_an_alias() {
    let app = app![greeting, auth, sure, provided, alias];
    assert_eq!(app.or(), 2);
    for path in ["/sure", "/provided", "/alias"] {
        let response = call(&app, path).await;
        assert_eq!(
            (response.seen(), response.header("x-greeting")),
            ((200, "nobody"), Some("hello")),
            "{path}"
        );
    }
}

//! Express's example `route-middleware`: middleware of a route loads the user in the path and restricts access to
//! the route.
//!
//! Try it with `curl localhost:3000/user/0`, and with `/user/0/edit`, `/user/1/edit` and `-X DELETE`.

use connect::{Next, Redirect, Request, Result, app, bail, delete, get, middleware};

struct User {
    id: usize,
    name: &'static str,
    role: &'static str,
}

static USERS: [User; 3] = [
    User { id: 0, name: "tj", role: "member" },
    User { id: 1, name: "ciaran", role: "member" },
    User { id: 2, name: "aaron", role: "admin" },
];

/// The user who sent the request.
struct Me(&'static User);

/// The user in the path.
struct Loaded(&'static User);

/// A real application would check credentials here.
#[middleware]
fn authenticate(next: Next<Me>) -> Result {
    next.with(Me(&USERS[0])).pass()
}

/// A real application would load the user from its database.
#[middleware]
fn load_user(req: &mut Request, next: Next<Loaded>) -> Result {
    let id: usize = req.param("id")?;
    let Some(user) = USERS.get(id) else { bail!(404, "Failed to load user {id}") };
    next.with(Loaded(user)).pass()
}

#[middleware]
fn restrict_to_self(me: &Me, user: &Loaded, next: Next) -> Result {
    if me.0.id == user.0.id { next.pass() } else { bail!(403, "Unauthorized") }
}

#[middleware]
fn restrict_to(#[config] role: &str, me: &Me, next: Next) -> Result {
    if me.0.role == role { next.pass() } else { bail!(403, "Unauthorized") }
}

#[get("/")]
fn index() -> Redirect {
    Redirect::to("/user/0")
}

#[get("/user/:id", load_user)]
fn view(user: &Loaded) -> String {
    format!("Viewing user {}", user.0.name)
}

#[get("/user/:id/edit", load_user, restrict_to_self, needs = Me)]
fn edit(user: &Loaded) -> String {
    format!("Editing user {}", user.0.name)
}

#[delete("/user/:id", load_user, restrict_to("admin"), needs = Me)]
fn remove(user: &Loaded) -> String {
    format!("Deleted user {}", user.0.name)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![authenticate, index, view, edit, remove];
    app.listen(connect_examples::address()).await
}

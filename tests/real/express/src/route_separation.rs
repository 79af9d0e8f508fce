//! Express's example `route-separation`: the routes of a site in a module for each subject.

use connect::{App, Chain, app, provide, serve_static};

use crate::FOLDER;
use crate::method_override::method_override;

mod site {
    use connect::{Html, Result, Views, get};
    use serde_json::json;

    #[get("/")]
    pub(super) fn index(views: &Views) -> Result<Html<String>> {
        views.render("index.html", json!({ "title": "Route Separation Example" }))
    }
}

mod user {
    use std::sync::Mutex;

    use connect::{
        Error, Form, Html, Next, Redirect, Request, Result, Stack, Views, get, middleware, put, stack,
    };
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    #[derive(Clone, Serialize, Deserialize)]
    pub(super) struct User {
        name: String,
        email: String,
    }

    /// A placeholder for a database.
    pub(super) type Users = Mutex<Vec<User>>;

    pub(super) fn users() -> Users {
        let user = |(name, email): (&str, &str)| User { name: name.to_owned(), email: email.to_owned() };
        Mutex::new([("TJ", "tj@vision-media.ca"), ("Tobi", "tobi@vision-media.ca")].map(user).into())
    }

    #[get("/users")]
    fn list(users: &Users, views: &Views) -> Result<Html<String>> {
        views.render("users/index.html", json!({ "title": "Users", "users": users }))
    }

    /// A user of the database.
    struct Loaded {
        id: usize,
        user: User,
    }

    /// Loads the user that the path names.
    #[middleware]
    fn load(#[mount] id: &str, users: &Users, next: Next<Loaded>) -> Result {
        let loaded = id.parse().ok().and_then(|id: usize| {
            let user = users.lock().unwrap().get(id).cloned()?;
            Some(Loaded { id, user })
        });
        match loaded {
            Some(loaded) => next.with(loaded).pass(),
            None => next.fail(Error::new(404, format!("cannot find user {id}"))),
        }
    }

    #[get("/{view}")]
    fn view(loaded: &Loaded, views: &Views) -> Result<Html<String>> {
        let user = &loaded.user;
        views.render(
            "users/view.html",
            json!({ "title": format!("Viewing user {}", user.name), "user": user }),
        )
    }

    #[get("/edit")]
    fn edit(loaded: &Loaded, views: &Views) -> Result<Html<String>> {
        let user = &loaded.user;
        views.render(
            "users/edit.html",
            json!({ "title": format!("Editing user {}", user.name), "user": user }),
        )
    }

    /// The fields `user[name]` and `user[email]`.
    #[derive(Deserialize)]
    struct UserForm {
        user: User,
    }

    #[put("/edit")]
    fn update(loaded: &Loaded, users: &Users, Form(form): Form<UserForm>, req: &Request) -> Redirect {
        users.lock().unwrap()[loaded.id] = form.user;
        Redirect::to(req.header("referrer").unwrap_or("/").to_owned())
    }

    pub(super) fn routes() -> impl Stack<(Users, Views)> {
        stack![list, "/user/:id" => [load, view, edit, update]]
    }
}

mod post {
    use connect::{Html, Result, Views, get};
    use serde_json::json;

    #[get("/posts")]
    pub(super) fn list(views: &Views) -> Result<Html<String>> {
        let post = |title: &str, body: &str| json!({ "title": title, "body": body });
        let posts = [post("Foo", "some foo bar"), post("Foo bar", "more foo bar")];
        views.render("posts.html", json!({ "title": "Posts", "posts": posts }))
    }
}

pub(crate) fn app() -> App<impl Chain> {
    app![
        method_override,
        serve_static(format!("{FOLDER}/public/route_separation")),
        provide(crate::views("route_separation")),
        provide(user::users()),
        site::index,
        user::routes(),
        post::list,
    ]
}

//! Checks for the examples from Express what Express's acceptance tests check, and more.

use crate::example::{Example, RawResponse};

/// Checks the status of a response, and that its body has a text in it.
#[track_caller]
fn assert_has(response: &RawResponse, status: u16, text: &str) {
    assert_eq!(response.status, status, "{response:?}");
    assert!(response.body.contains(text), "no `{text}` in {response:?}");
}

#[test]
fn express_params_are_typed_and_loaded() {
    let app = Example::start(env!("CARGO_BIN_EXE_express_params"));
    assert_has(&app.get("/"), 200, "Visit");
    assert_has(&app.get("/user/0"), 200, "user tj");
    assert_has(&app.get("/user/9"), 404, "failed to find user");
    assert_has(&app.get("/users/0-2"), 200, "users tj, tobi, loki");
    assert_has(&app.get("/users/foo-bar"), 400, "failed to parseInt foo");
}

#[test]
fn express_params_outside_of_the_list_do_not_panic() {
    let app = Example::start(env!("CARGO_BIN_EXE_express_params"));
    assert_has(&app.get("/user/tj"), 404, "failed to find user");
    assert_has(&app.get(&format!("/users/3-{}", usize::MAX)), 200, "users jane, bandit");
    assert_eq!(app.get("/users/7-2").body, "users ");
    assert_has(&app.get("/users/0-bar"), 400, "failed to parseInt bar");
}

#[test]
fn express_resource_lists_shows_and_deletes() {
    let app = Example::start(env!("CARGO_BIN_EXE_express_resource"));
    assert!(app.get("/").body.starts_with("<h1>Examples:</h1>"));
    let all = app.get("/users");
    let names = ["tj", "ciaran", "aaron", "guillermo", "simon", "tobi"];
    assert_eq!(all.body, format!("[{}]", names.map(|name| format!(r#"{{"name":"{name}"}}"#)).join(",")));
    assert_eq!(app.get("/users/1").body, r#"{"name":"ciaran"}"#);
    assert_eq!(app.get("/users/9").body, r#"{"error":"Cannot find user"}"#);
    let range = "<ul><li>ciaran</li>\n<li>aaron</li>\n<li>guillermo</li></ul>";
    assert_eq!(app.get("/users/1..3").body, range);
    assert_eq!(app.request("DELETE", "/users/1", &[]).body, "destroyed");
    assert_eq!(app.request("DELETE", "/users/9", &[]).body, "Cannot find user");
    assert_eq!(app.get("/users/1..3.json").body, r#"[null,{"name":"aaron"},{"name":"guillermo"}]"#);
}

#[test]
fn express_resource_has_no_user_that_was_deleted() {
    let app = Example::start(env!("CARGO_BIN_EXE_express_resource"));
    assert_eq!(app.request("DELETE", "/users/4", &[]).body, "destroyed");
    assert_eq!(app.request("DELETE", "/users/4", &[]).body, "Cannot find user");
    assert_eq!(app.get("/users/4").body, r#"{"error":"Cannot find user"}"#);
    assert_eq!(app.get("/users/3..9.html").body, "<ul><li>guillermo</li>\n<li>tobi</li></ul>");
}

#[test]
fn express_vhost_serves_the_host_and_redirects_its_subdomains() {
    let mut app = Example::start(env!("CARGO_BIN_EXE_express_vhost"));
    let get = |host: &str, path| app.request("GET", path, &[("host", host)]);
    assert_has(&get("example.com", "/"), 200, "Hello");
    let foo = get("example.com", "/foo");
    assert_eq!((foo.status, &*foo.body), (200, "requested foo"));
    for sub in ["foo", "bar"] {
        let response = get(&format!("{sub}.example.com"), "/");
        assert_has(&response, 302, &format!("Redirecting to http://example.com:3000/{sub}"));
    }
    assert!(app.line().starts_with("GET / 200"));
    assert!(app.line().starts_with("GET /foo 200"));
    assert_eq!(app.line(), "foo");
}

#[test]
fn express_vhost_has_nothing_for_other_hosts() {
    let app = Example::start(env!("CARGO_BIN_EXE_express_vhost"));
    for host in ["example.org", "a.b.example.com", "anexample.com"] {
        assert_eq!(app.request("GET", "/", &[("host", host)]).status, 404, "{host}");
    }
    assert_eq!(app.request("GET", "/", &[("host", "example.com:3000")]).status, 200);
}

#[test]
fn express_route_middleware_loads_users_and_restricts_routes() {
    let app = Example::start(env!("CARGO_BIN_EXE_express_route_middleware"));
    let index = app.get("/");
    assert_eq!((index.status, index.header("location")), (302, Some("/user/0")));
    assert_eq!(app.get("/user/0").body, "Viewing user tj");
    assert_eq!(app.get("/user/0/edit").body, "Editing user tj");
    assert_eq!(app.get("/user/1").body, "Viewing user ciaran");
    assert_has(&app.get("/user/1/edit"), 403, "Unauthorized");
    assert_has(&app.request("DELETE", "/user/0", &[]), 403, "Unauthorized");
    assert_has(&app.get("/user/7"), 404, "Failed to load user 7");
}

#[test]
fn express_view_locals_shows_the_ferrets_three_times() {
    let app = Example::start(env!("CARGO_BIN_EXE_express_view_locals"));
    let page = app.get("/");
    assert_has(&page, 200, "<h2>Users</h2>");
    assert_has(&page, 200, "<strong>Tobi</strong> is a 2 year old ferret");
    assert_eq!(page.body.matches("<li>").count(), 3);
    assert!(!page.body.contains("Luna"));
    assert_eq!(app.get("/middleware").body, page.body);
    assert_eq!(app.get("/middleware-locals").body, page.body);
}

#[test]
fn express_mvc_shows_users_and_pets() {
    let app = Example::start(env!("CARGO_BIN_EXE_express_mvc"));
    let index = app.get("/");
    assert_eq!((index.status, index.header("location")), (302, Some("/users")));
    assert_has(&app.get("/pet/0"), 200, "Tobi");
    let edit = app.get("/pet/0/edit");
    assert_has(&edit, 200, "<form");
    assert_has(&edit, 200, "Tobi");
    let users = app.get("/users");
    for text in ["<h1>Users</h1>", ">TJ<", ">Guillermo<", ">Nathan<"] {
        assert_has(&users, 200, text);
    }
    let user = app.get("/user/0");
    for text in
        [r#"<h1>TJ <a href="/user/0/edit">edit"#, r#"/pet/0">Tobi"#, r#"/pet/1">Loki"#, r#"/pet/2">Jane"#]
    {
        assert_has(&user, 200, text);
    }
    assert_eq!(app.get("/user/123").status, 404);
    let edit = app.get("/user/1/edit");
    assert_has(&edit, 200, "Guillermo");
    assert_has(&edit, 200, "<form");
}

#[test]
fn express_mvc_updates_users_and_pets() {
    let app = Example::start(env!("CARGO_BIN_EXE_express_mvc"));
    assert_eq!(app.form("PUT", "/pet/3", "pet[name]=Boots").status, 302);
    assert_has(&app.get("/pet/3/edit"), 200, "Boots");
    assert_eq!(app.send("PUT", "/user/1", &[("content-type", "application/json")], "{}").status, 500);
    assert_eq!(app.form("PUT", "/user/1", "user%5Bname%5D=Tobo").status, 302);
    assert_has(&app.get("/user/1/edit"), 200, "Tobo");
    let created = app.form("POST", "/user/2/pet", "pet[name]=Snickers");
    assert_eq!((created.status, created.header("location")), (302, Some("/user/2")));
    assert_has(&app.get("/user/2"), 200, "Snickers");
}

#[test]
fn express_mvc_accepts_browser_forms_and_shows_a_message() {
    let mut app = Example::start(env!("CARGO_BIN_EXE_express_mvc"));
    let updated = app.form("POST", "/user/0?_method=put", "user[name]=T+%3C+J");
    assert_eq!((updated.status, updated.header("location")), (302, Some("/user/0")));
    let cookie = updated.header("set-cookie").and_then(|cookie| cookie.split(';').next()).expect("a cookie");
    let user = app.request("GET", "/user/0", &[("cookie", cookie)]);
    assert_has(&user, 200, "<h1>T &lt; J ");
    assert_has(&user, 200, "<li>Information updated!</li>");
    assert!(user.header("set-cookie").is_some_and(|cookie| cookie.starts_with("message=;")), "{user:?}");
    assert!(!app.get("/user/0").body.contains("Information"));
    assert_has(&app.get("/nowhere?x=1"), 404, "<h1>404: Not Found</h1>");
    assert_has(&app.get("/pet/9"), 404, "Sorry we can't find");
    assert_has(&app.get("/user/tj"), 404, "Sorry we can't find");
    assert_eq!(app.form("POST", "/user/9/pet", "pet[name]=Snickers").status, 404);
    assert_has(&app.form("POST", "/user/0/pet", "name=Snickers"), 500, "Looks like something blew up!");
    assert_eq!(app.get("/style.css").header("content-type"), Some("text/css; charset=utf-8"));
    // The logger runs the override below it, and so prints the new method.
    app.prints("PUT /user/0?_method=put 302");
}

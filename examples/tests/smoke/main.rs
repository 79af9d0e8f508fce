//! Runs every example, and checks over a socket what its documentation promises.

mod example;
mod express;

use std::io::{Read, Write};

use example::{Example, free_address};

#[test]
fn hello_responds_with_its_powered_by_header() {
    let mut hello = Example::start(env!("CARGO_BIN_EXE_hello"));
    let response = hello.get("/hello");
    assert_eq!((response.status, response.body.as_str()), (200, "Hello from Connect!\n"));
    assert_eq!(response.header("x-powered-by"), Some("connect"));
    hello.prints("GET /hello 200");
}

#[test]
fn hello_prints_its_stack() {
    let hello = Example::start(env!("CARGO_BIN_EXE_hello"));
    assert_eq!(hello.stack, ["logger", "powered_by", "/hello", "  hello", "/fails", "  fails", "on_error"]);
}

#[test]
fn an_error_in_hello_reaches_the_error_handler_with_its_status() {
    let mut hello = Example::start(env!("CARGO_BIN_EXE_hello"));
    let response = hello.get("/fails");
    assert_eq!((response.status, response.body.as_str()), (503, "Something broke!\n"));
    // The logger stands above, and sees the error handler's response.
    hello.prints("GET /fails 503");
}

#[cfg(unix)]
#[test]
fn sigterm_ends_hello_gracefully() {
    let mut hello = Example::start(env!("CARGO_BIN_EXE_hello"));
    // A client that has its response and keeps the connection does not delay the shutdown.
    let mut idle = hello.connect();
    idle.write_all(b"GET /hello HTTP/1.1\r\nhost: example.com\r\n\r\n").expect("to write");
    hello.prints("GET /hello 200");
    assert_eq!(hello.terminate().code(), Some(0));
    let mut response = String::new();
    idle.read_to_string(&mut response).expect("a response, then the end of the connection");
    assert!(response.ends_with("\r\n\r\nHello from Connect!\n"), "{response}");
}

#[test]
fn the_readme_app_responds_to_all_requests() {
    let readme = Example::start(env!("CARGO_BIN_EXE_readme"));
    for path in ["/", "/any/path?q=1"] {
        let response = readme.get(path);
        assert_eq!((response.status, response.body.as_str()), (200, "Hello from Connect!\n"));
        assert_eq!(response.header("content-type"), None);
    }
    assert_eq!(readme.request("POST", "/", &[]).body, "Hello from Connect!\n");
}

#[cfg(unix)]
#[test]
fn the_production_server_fails_its_health_check_before_it_shuts_down() {
    let mut app = Example::start(env!("CARGO_BIN_EXE_production"));
    assert_eq!(app.get("/").body, "hello\n");
    assert_eq!(app.get("/health").status, 200);
    app.signal();
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(app.get("/health").status, 503);
    assert_eq!(app.get("/").body, "hello\n");
    assert_eq!(app.ended().code(), Some(0));
}

#[test]
fn an_app_without_layers_answers_404() {
    let app = Example::start(env!("CARGO_BIN_EXE_create_app"));
    let response = app.get("/");
    assert_eq!(response.status, 404);
    assert!(response.body.contains("<pre>Cannot GET /</pre>"), "{response:?}");
}

#[test]
fn middleware_runs_in_list_order() {
    let mut app = Example::start(env!("CARGO_BIN_EXE_use_middleware"));
    assert_eq!(app.stack, ["middleware1", "middleware2"]);
    assert_eq!(app.get("/").status, 404);
    assert_eq!(app.line(), "middleware 1");
    assert_eq!(app.line(), "middleware 2");
}

#[test]
fn mounted_middleware_runs_only_for_its_path() {
    let mut app = Example::start(env!("CARGO_BIN_EXE_mount_middleware"));
    assert_eq!(app.stack, ["/foo", "  foo_middleware", "/bar", "  bar_middleware"]);
    for path in ["/foo/x", "/neither", "/bar"] {
        assert_eq!(app.get(path).status, 404);
    }
    assert_eq!(app.line(), "foo /x");
    assert_eq!(app.line(), "bar /");
}

#[test]
fn an_error_skips_to_the_error_handler_below() {
    let app = Example::start(env!("CARGO_BIN_EXE_error_middleware"));
    let response = app.get("/");
    assert_eq!((response.status, response.body.as_str()), (500, "an error occurred: boom!"));
}

#[test]
fn listen_serves_the_address_it_is_given() {
    // `listen` does not return its address, so port 0 cannot be used. Another process may bind a free port before the
    // example does; then the example exits, and another port is tried.
    let app = (0..5)
        .find_map(|_| Example::start_at(env!("CARGO_BIN_EXE_create_server"), &free_address()))
        .expect("one of five addresses to be free");
    assert_eq!(app.get("/").body, "Hello from Connect!\n");
}

#[test]
fn an_app_runs_in_a_hyper_server() {
    let app = Example::start(env!("CARGO_BIN_EXE_http_server"));
    let response = app.get("/");
    assert_eq!((response.status, response.body.as_str()), (200, "Hello from Connect!\n"));
    // Only that server has the setting for it.
    assert!(response.head.contains("\r\nContent-Type: "), "{response:?}");
}

#[test]
fn one_app_serves_two_addresses() {
    let mut app = Example::start(env!("CARGO_BIN_EXE_two_servers"));
    assert_eq!(app.stack, ["count"]);
    let second = app.line();
    let second = second.strip_prefix("https://").expect("the second address");
    assert_eq!(app.get("/").body, "request 1\n");
    assert_eq!(app.get("/").body, "request 2\n");
    // The other server speaks TLS, and this is a request without it.
    let mut plain = std::net::TcpStream::connect(second).expect("it listens");
    plain.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").expect("to write");
    let mut alert = Vec::new();
    let _ = plain.read_to_end(&mut alert);
    assert_eq!(alert.first(), Some(&21), "an alert, as RFC 8446, section 5.1, numbers it: {alert:?}");
}

#[test]
fn an_app_can_be_called_as_a_function() {
    let mut app = Example::start(env!("CARGO_BIN_EXE_app_as_function"));
    assert_eq!(app.line(), "/hello: 200 OK, handled by Layer");
    assert_eq!(app.line(), "/nowhere: 404 Not Found, handled by FinalHandler");
    assert_eq!(app.stack, ["/hello", "  hello"]);
    assert_eq!(app.get("/hello").body, "Hello from Connect!");
}

#[test]
fn an_app_is_a_layer_of_another() {
    let app = Example::start(env!("CARGO_BIN_EXE_apps_in_apps"));
    for (path, body) in [("/blog/posts/1", "blog /1\n"), ("/blog/other", "home\n"), ("/", "home\n")] {
        let response = app.get(path);
        assert_eq!((response.status, response.body.as_str()), (200, body));
        assert_eq!(response.header("x-powered-by"), Some("connect"));
    }
}

#[test]
fn a_mount_path_matches_whole_segments_in_any_case_and_is_stripped() {
    let app = Example::start(env!("CARGO_BIN_EXE_use_path"));
    assert_eq!(app.get("/foo/bar").body, "url /bar, original /foo/bar\n");
    assert_eq!(app.get("/foo").body, "url /, original /foo\n");
    assert_eq!(app.get("/foo/").body, "url /, original /foo/\n");
    assert_eq!(app.get("/FOO/x?q=1").body, "url /x?q=1, original /FOO/x?q=1\n");
    assert_eq!(app.get("/foobar").status, 404);
    assert_eq!(app.get("/foo.bar").status, 404);
}

#[test]
fn a_series_of_middleware_runs_at_its_path() {
    let mut app = Example::start(env!("CARGO_BIN_EXE_application_level"));
    assert_eq!(app.stack, ["time", "/user/:id", "  request_url", "  request_type", "GET /user/:id user"]);
    assert_eq!(app.get("/user/9?y=1").body, "USER");
    assert_eq!(app.get("/elsewhere").status, 404);
    assert!(app.line().starts_with("Time: "));
    assert_eq!(app.line(), "Request URL: /user/9?y=1");
    assert_eq!(app.line(), "Request Type: GET");
    // The other request prints only the time.
    assert!(app.line().starts_with("Time: "));
}

#[test]
fn one_stack_function_is_mounted_twice() {
    let mut app = Example::start(env!("CARGO_BIN_EXE_log_stuff"));
    assert!(app.stack.iter().any(|line| line.ends_with("  admin_info")), "{:?}", app.stack);
    for (path, body) in [("/user/3", "User Info"), ("/admin/4", "Admin Info")] {
        assert_eq!(app.get(path).body, body);
        assert_eq!(app.line(), format!("Request URL: {path}"));
        assert_eq!(app.line(), "Request Type: GET");
    }
}

#[test]
fn route_middleware_runs_only_for_its_route_and_can_leave_it() {
    let mut app = Example::start(env!("CARGO_BIN_EXE_route_middleware"));
    assert_eq!(
        app.stack,
        ["GET /user/:id user_info", "  log_id", "  zero_is_special", "GET /user/:id special"]
    );
    assert_eq!(app.get("/user/7").body, "User Info: 7");
    assert_eq!(app.line(), "ID: 7");
    assert_eq!(app.get("/user/0").body, "special");
    assert_eq!(app.line(), "ID: 0");
    assert_eq!(app.get("/user").status, 404);
}

#[test]
fn a_router_has_its_own_middleware_and_routes() {
    let mut app = Example::start(env!("CARGO_BIN_EXE_router_level"));
    assert!(app.stack.iter().any(|line| line == "  GET /user/:id special"), "{:?}", app.stack);
    assert_eq!(app.get("/user/0").body, "special 0");
    assert!(app.line().starts_with("Time: "));
    assert_eq!(app.line(), "Request URL: /user/0");
    assert_eq!(app.line(), "Request Type: GET");
    assert_eq!(app.get("/user/1").body, "regular 1");
    assert_eq!(app.get("/user/x").status, 400);
    assert_eq!(app.request("PUT", "/user/1", &[]).status, 404);
}

#[test]
fn a_request_that_leaves_the_router_gets_a_401() {
    let app = Example::start(env!("CARGO_BIN_EXE_next_router"));
    let with = |path| app.request("GET", path, &[("x-auth", "yes")]);
    // The router is left before its second layer.
    assert_eq!(app.get("/admin/user/1").body, "Unauthorized");
    assert_eq!(app.get("/admin/user/1").status, 401);
    assert_eq!(with("/admin/user/1").body, "hello, user!");
    // The router has nothing at that path.
    assert_eq!(with("/admin/nope").status, 401);
    assert_eq!(with("/elsewhere").status, 404);
}

#[test]
fn static_files_are_served_and_bodies_parsed() {
    let app = Example::start(env!("CARGO_BIN_EXE_built_in"));
    let index = app.get("/static/");
    assert_eq!(index.body, "<h1>Hello</h1>\n");
    assert_eq!(index.header("cache-control"), Some("public, max-age=86400"));
    assert_eq!(index.header("x-timestamp"), Some("now"));
    assert_eq!(app.get("/static/style.css").header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(app.get("/static/index").body, "<h1>Hello</h1>\n");
    assert_eq!(app.get("/static/../Cargo.toml").status, 404);
    assert_eq!(app.request("POST", "/profile", &[]).status, 415);
}

#[test]
fn cookies_need_no_parser_and_third_party_layers_are_listed() {
    let app = Example::start(env!("CARGO_BIN_EXE_third_party"));
    let first = app.get("/");
    assert_eq!((&*first.body, first.header("x-powered-by")), ("visit 1", Some("connect")));
    assert_eq!(first.header("set-cookie"), Some("visits=1; Path=/"));
    assert_eq!(app.request("GET", "/", &[("cookie", "visits=4")]).body, "visit 5");
}

#[test]
fn tower_layers_wrap_the_app() {
    let mut app = Example::start(env!("CARGO_BIN_EXE_tower"));
    assert_eq!(app.stack, ["tower(ServiceBuilder)", "GET /poem poem", "/files", "  tower_service(ServeDir)"]);
    let poem = app.request("GET", "/poem", &[("origin", "http://a.example")]);
    assert_eq!((poem.status, poem.header("access-control-allow-origin")), (200, Some("*")));
    assert!(poem.body.starts_with("The woods"), "{}", poem.body);
    app.prints("GET /poem");
    app.prints("200 in");
    let head = app.request("HEAD", "/poem", &[("accept-encoding", "gzip")]);
    assert_eq!((head.status, head.header("content-encoding")), (200, Some("gzip")));
    let preflight = [("origin", "http://a.example"), ("access-control-request-method", "PUT")];
    let preflight = app.request("OPTIONS", "/poem", &preflight);
    assert_eq!((preflight.status, preflight.header("access-control-allow-methods")), (200, Some("*")));
    assert_eq!(app.get("/files/index.html").body, "<h1>Hello</h1>\n");
    assert_eq!(app.get("/files/missing").status, 404);
}

#[test]
fn an_error_message_is_hidden_from_the_client() {
    let app = Example::start(env!("CARGO_BIN_EXE_error_handling"));
    assert_eq!(app.get("/7").body, "7\n");
    let response = app.get("/seven");
    assert_eq!((response.status, response.body.as_str()), (500, "Something broke!"));
}

#[tokio::test]
async fn a_chat_message_reaches_all_clients() {
    use futures_util::{SinkExt as _, StreamExt as _};
    use tokio_tungstenite::tungstenite::Message;

    let chat = Example::start(env!("CARGO_BIN_EXE_chat"));
    assert!(chat.get("/").body.contains("new WebSocket("));
    let mut clients = Vec::new();
    for _ in 0..3 {
        let stream = tokio::net::TcpStream::connect(chat.address()).await.expect("to connect");
        let url = format!("ws://{}/chat", chat.address());
        let (mut client, _) = tokio_tungstenite::client_async(url, stream).await.expect("a socket");
        // It has joined once it receives its own message.
        client.send(Message::text("here")).await.expect("to send");
        assert_eq!(client.next().await.expect("a line").expect("text"), Message::text("here"));
        clients.push(client);
    }
    clients[0].send(Message::text("hello, all <b>")).await.expect("to send");
    for client in &mut clients {
        while client.next().await.expect("a line").expect("text") != Message::text("hello, all <b>") {}
    }
    clients[0].send(Message::binary(vec![1])).await.expect("to send");
    let Some(Ok(Message::Close(Some(frame)))) = clients[0].next().await else { panic!("it is closed") };
    assert_eq!(u16::from(frame.code), 1003);
}

#[test]
fn sessions_keep_the_cart_through_a_login_and_end_with_a_logout() {
    let app = Example::start(env!("CARGO_BIN_EXE_sessions"));
    let index = app.get("/");
    assert_eq!(index.body, "<p>Hello, stranger. Your cart has 0 items.");
    assert_eq!(index.header("set-cookie"), None);
    let cookie = |answer: &example::RawResponse| {
        let cookie = answer.header("set-cookie").expect("a cookie").split(';').next().expect("a value");
        assert!(cookie.starts_with("id="), "{cookie}");
        cookie.to_owned()
    };
    let answer = app.request("POST", "/cart/anvil", &[]);
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
    let anonymous = cookie(&answer);
    let get = |path: &str, cookie: &str| app.request("GET", path, &[("cookie", cookie)]);
    let page = "<p>Hello, stranger. Your cart has 1 items.";
    assert_eq!(get("/", &anonymous).body, format!("{page}<p class=info>That makes 1."));
    assert_eq!(get("/", &anonymous).body, page);
    assert_eq!(get("/account", &anonymous).status, 401);
    let login = |form: &str, cookie: &str| {
        let headers = [("cookie", cookie), ("content-type", "application/x-www-form-urlencoded")];
        app.send("POST", "/login", &headers, form)
    };
    assert_eq!(login("name=bob&password=guessed", &anonymous).status, 401);
    let bob = cookie(&login("name=bob&password=battery+staple", &anonymous));
    assert_ne!(bob, anonymous);
    assert_eq!(get("/account", &anonymous).status, 401);
    assert_eq!(get("/account", &bob).body, "the account of bob");
    assert_eq!(get("/", &bob).body, "<p>Hello, bob. Your cart has 1 items.");
    assert_eq!(get("/admin/stats", &bob).status, 403);
    let ann = cookie(&login("name=ann&password=correct+horse", &bob));
    assert_eq!(get("/admin/stats", &ann).body, "42 sold");
    assert_eq!(get("/", &ann).body, "<p>Hello, ann. Your cart has 0 items.");
    assert_eq!(app.request("POST", "/logout", &[("cookie", &ann)]).status, 303);
    assert_eq!(get("/account", &ann).status, 401);
}

#[test]
fn security_keeps_others_out_and_lets_the_own_pages_in() {
    let app = Example::start(env!("CARGO_BIN_EXE_security"));
    let index = app.get("/");
    let policy = index.header("content-security-policy").expect("a policy");
    let nonce = index.body.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a nonce");
    assert!(
        policy.contains(&format!("'nonce-{nonce}'")) && policy.contains("https://images.example.com"),
        "{policy}"
    );
    assert_eq!(app.request("GET", "/", &[("host", "evil.example.org")]).status, 421);

    let order = |site: &str| app.request("POST", "/orders", &[("sec-fetch-site", site)]).status;
    assert_eq!((order("same-origin"), order("cross-site")), (200, 403));

    let page = [("origin", "https://app.example.com")];
    for left in ["2", "1", "0"] {
        let prices = app.request("GET", "/api/prices", &page);
        assert_eq!((prices.status, prices.header("access-control-allow-origin")), (200, Some(page[0].1)));
        let limit = prices.header("ratelimit").expect("a limit");
        assert!(limit.starts_with(&format!("\"api\";r={left};")), "{limit}");
    }
    let refused = app.request("GET", "/api/prices", &page);
    // The page can read why.
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (429, Some(page[0].1)));
    assert!(refused.header("retry-after").is_some());

    assert_eq!(
        app.get("/admin").header("www-authenticate"),
        Some("Basic realm=\"Users\", charset=\"UTF-8\"")
    );
    // `ann:correct horse`.
    let admin = app.request("GET", "/admin", &[("authorization", "Basic YW5uOmNvcnJlY3QgaG9yc2U=")]);
    assert_eq!(admin.body, "hello, ann from 127.0.0.1");
}

#[test]
fn a_payment_that_is_sent_again_is_done_once() {
    let app = Example::start(env!("CARGO_BIN_EXE_payments"));
    assert_eq!(app.get("/health").body, "ok");
    let pay = |token: &str, key: Option<&str>, form: &str| {
        let bearer = format!("Bearer {token}");
        let form_type = ("content-type", "application/x-www-form-urlencoded");
        let mut headers = vec![("authorization", &*bearer), form_type];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        app.send("POST", "/payments", &headers, form)
    };
    assert_eq!(pay("guessed", Some("1"), "amount=20").status, 401);
    assert_eq!(pay("ann-s3cret", None, "amount=20").status, 400);
    let first = pay("ann-s3cret", Some("1"), "amount=20");
    assert_eq!((&*first.body, first.header("idempotent-replayed")), ("payment 1: 20 of ann", None));
    let again = pay("ann-s3cret", Some("1"), "amount=20");
    assert_eq!((&*again.body, again.header("idempotent-replayed")), (&*first.body, Some("true")));
    // Her share of a minute is used up, and his is not.
    assert_eq!(pay("ann-s3cret", Some("2"), "amount=20").status, 429);
    assert_eq!(pay("bob-s3cret", Some("1"), "amount=20").body, "payment 2: 20 of bob");
    assert_eq!(pay("bob-s3cret", Some("1"), "amount=21").status, 422);
}

//! Limits that several processes share in Redis.
#![cfg(feature = "rate-limit-redis")]

#[path = "support/log.rs"]
mod log;

use connect::testing::Client;
use connect::{app, get};
use connect_middleware::rate_limit::{OnFailure, RateLimit, RedisLimits};
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

#[get("/")]
fn index() -> &'static str {
    "hello"
}

const MINUTE: Duration = Duration::from_secs(60);

/// A Redis of the test's own, which ends with it.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// `None`, and the reason is printed, where Redis is not installed.
    fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self::start_on(port)
    }

    fn start_on(port: u16) -> Option<Self> {
        let started = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .spawn();
        let process = match started {
            Ok(process) => process,
            Err(err) if err.kind() == ErrorKind::NotFound => {
                let required = std::env::var_os("CONNECT_REQUIRE_REDIS").is_some_and(|value| value == "1");
                assert!(!required, "there is no `redis-server` on this machine");
                println!("ignored: there is no `redis-server` on this machine");
                return None;
            }
            Err(err) => panic!("redis-server: {err}"),
        };
        let server = Server { process, port };
        for _ in 0..1000 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(server);
            }
            sleep(Duration::from_millis(10));
        }
        panic!("redis-server does not listen")
    }

    /// A connection of its own, as another process has one.
    fn limits(&self) -> RedisLimits {
        limits(self.port).timeout(Duration::from_secs(20))
    }

    async fn ask<T: redis::FromRedisValue>(&self, command: &str, argument: &str) -> T {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}/", self.port)).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        redis::cmd(command).arg(argument).query_async(&mut connection).await.unwrap()
    }

    fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn limits(port: u16) -> RedisLimits {
    RedisLimits::new(format!("redis://127.0.0.1:{port}/")).unwrap()
}

async fn status(client: &Client) -> u16 {
    client.get("/").send().await.status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_apps_on_one_redis_let_through_the_limit_in_all() {
    let Some(server) = Server::start() else { return };
    let app = || app![RateLimit::new(50, MINUTE).shared(server.limits(), OnFailure::Refuse), index];
    let clients = [Client::new(app()), Client::new(app())];
    let tasks: Vec<_> = (0..200)
        .map(|n: usize| {
            let client = clients[n % 2].clone();
            tokio::spawn(async move { status(&client).await })
        })
        .collect();
    let (mut answered, mut refused) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            200 => answered += 1,
            429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    // One comes back every 1.2 seconds, on a machine that is so slow.
    assert!((50..=52).contains(&answered), "{answered}");
    assert_eq!(answered + refused, 200);
}

#[tokio::test]
async fn headers_and_errors_are_those_of_a_limit_in_memory() {
    let Some(server) = Server::start() else { return };
    let client =
        Client::new(app![RateLimit::new(2, MINUTE).shared(server.limits(), OnFailure::Refuse), index]);
    let res = client.get("/").send().await;
    res.assert_status(200).assert_header("ratelimit-policy", "\"default\";q=2;w=60");
    res.assert_header("ratelimit", "\"default\";r=1;t=30");
    client.get("/").send().await.assert_status(200).assert_header("ratelimit", "\"default\";r=0;t=60");
    let res = client.get("/").send().await;
    res.assert_status(429).assert_header("ratelimit", "\"default\";r=0;t=60");
    let wait: u64 = res.header("retry-after").unwrap().parse().unwrap();
    assert!((20..=30).contains(&wait), "{wait}");
}

#[tokio::test]
async fn requests_come_back_evenly_and_redis_removes_the_key_when_all_of_them_are() {
    let Some(server) = Server::start() else { return };
    let limit = RateLimit::new(2, Duration::from_secs(4)).shared(server.limits(), OnFailure::Refuse);
    let client = Client::new(app![limit, index]);
    assert_eq!([status(&client).await, status(&client).await, status(&client).await], [200, 200, 429]);
    assert_eq!(server.ask::<Vec<String>>("KEYS", "connect:rate-limit:*").await.len(), 1);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!([status(&client).await, status(&client).await], [200, 429]);
    let end = Instant::now() + Duration::from_secs(20);
    while !server.ask::<Vec<String>>("KEYS", "*").await.is_empty() {
        assert!(Instant::now() < end, "the key is still there");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(status(&client).await, 200);
}

#[tokio::test]
async fn different_policies_and_prefixes_do_not_share_counters_and_the_same_policy_does() {
    let Some(server) = Server::start() else { return };
    let client = |limit: RateLimit, limits: RedisLimits| {
        Client::new(app![limit.shared(limits, OnFailure::Refuse), index])
    };
    let first = client(RateLimit::new(1, MINUTE), server.limits());
    assert_eq!([status(&first).await, status(&first).await], [200, 429]);
    assert_eq!(status(&client(RateLimit::new(1, MINUTE), server.limits())).await, 429);
    for (limit, limits) in [
        (RateLimit::new(1, MINUTE).name("other"), server.limits()),
        (RateLimit::new(2, MINUTE), server.limits()),
        (RateLimit::new(1, 2 * MINUTE), server.limits()),
        (RateLimit::new(1, MINUTE), server.limits().prefix("other:")),
    ] {
        assert_eq!(status(&client(limit, limits)).await, 200);
    }
}

#[tokio::test]
async fn a_key_of_the_request_counts_in_all_processes_and_none_is_free() {
    let Some(server) = Server::start() else { return };
    let client = || {
        let limit = RateLimit::new(1, MINUTE).by(|req| req.header("x-user").map(str::to_owned));
        Client::new(app![limit.shared(server.limits(), OnFailure::Refuse), index])
    };
    let (one, two) = (client(), client());
    one.get("/").header("x-user", "tobi").send().await.assert_status(200);
    two.get("/").header("x-user", "tobi").send().await.assert_status(429);
    two.get("/").header("x-user", "loki").send().await.assert_status(200);
    assert_eq!([status(&one).await, status(&one).await, status(&two).await], [200; 3]);
}

#[tokio::test]
async fn without_redis_requests_go_on_or_are_refused_and_a_restart_limits_again() {
    let Some(mut server) = Server::start() else { return };
    let client =
        |on_failure| Client::new(app![RateLimit::new(1, MINUTE).shared(server.limits(), on_failure), index]);
    let (open, closed) = (client(OnFailure::GoOn), client(OnFailure::Refuse));
    assert_eq!([status(&open).await, status(&closed).await], [200, 429]);
    server.process.kill().unwrap();
    server.process.wait().unwrap();
    let (log, _guard) = log::log();
    for _ in 0..5 {
        let res = open.get("/").send().await;
        res.assert_status(200).assert_no_header("ratelimit");
        closed.get("/").send().await.assert_status(503).assert_header("retry-after", "1");
    }
    // One of each connection.
    let lines = log.take();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().all(|line| line.starts_with("requests cannot be counted in Redis")), "{lines:?}");
    let _server = Server::start_on(server.port).unwrap();
    let end = Instant::now() + Duration::from_secs(30);
    while status(&open).await != 429 || status(&closed).await != 429 {
        assert!(Instant::now() < end, "nothing is limited after the restart");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_does_not_answer_costs_one_timeout_at_a_time() {
    let Some(server) = Server::start() else { return };
    let limits = limits(server.port).timeout(Duration::from_millis(500));
    let client = Client::new(app![RateLimit::new(1000, MINUTE).shared(limits, OnFailure::GoOn), index]);
    assert_eq!(status(&client).await, 200);
    server.signal("-STOP");
    let start = Instant::now();
    client.get("/").send().await.assert_status(200).assert_no_header("ratelimit");
    assert!(start.elapsed() >= Duration::from_millis(500));
    let start = Instant::now();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { status(&client).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 200);
    }
    // Twenty timeouts would be ten seconds.
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    server.signal("-CONT");
    let end = Instant::now() + Duration::from_secs(30);
    while client.get("/").send().await.header("ratelimit").is_none() {
        assert!(Instant::now() < end, "nothing is counted again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_is_no_address_and_what_is_too_fast_is_refused_when_the_layer_is_made() {
    assert!(RedisLimits::new("http://127.0.0.1/").is_err());
    let too_fast = RateLimit::new(2000, Duration::from_millis(1));
    let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        drop(too_fast.shared(limits(1), OnFailure::GoOn));
    }));
    assert!(made.is_err());
}

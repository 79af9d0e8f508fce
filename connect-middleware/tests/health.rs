//! Liveness and readiness.
#![cfg(feature = "health")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use connect::testing::Client;
use connect::{Error, Shutdown, app, get};
use connect_middleware::health::Health;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[tokio::test]
async fn a_process_without_checks_is_alive_and_ready() {
    let client = Client::new(app![Health::new(), index]);
    for path in ["/livez", "/readyz"] {
        let res = client.get(path).send().await;
        res.assert_status(200)
            .assert_text("ok")
            .assert_header("cache-control", "no-store")
            .assert_no_header("etag");
        client.request("HEAD".parse().unwrap(), path).send().await.assert_status(200);
        client.post(path).send().await.assert_status(404);
    }
    client.get("/").send().await.assert_text("hello");
}

#[tokio::test]
async fn a_check_that_fails_panics_or_hangs_makes_it_unready_and_not_dead() {
    let works = Arc::new(AtomicBool::new(false));
    let state = Arc::clone(&works);
    let health = Health::new()
        .check("disk", async || Ok(()))
        .check("database", move || {
            let works = state.load(SeqCst);
            async move { if works { Ok(()) } else { Err(Error::msg("the password is hunter2")) } }
        })
        .check("queue", || async { panic!("no queue") })
        .check("search", std::future::pending)
        .timeout(Duration::from_millis(50))
        .keep(Duration::ZERO);
    let client = Client::serve(app![health, index]).await.unwrap();
    client.get("/readyz").send().await.assert_status(503).assert_text("failed: database, queue, search");
    client.get("/livez").send().await.assert_status(200).assert_text("ok");
    works.store(true, SeqCst);
    let res = client.get("/readyz").header("accept", "application/json").send().await;
    res.assert_status(503).assert_json(serde_json::json!({
        "status": "failed",
        "checks": {"disk": "ok", "database": "ok", "queue": "failed", "search": "failed"},
    }));
    assert!(!res.text().contains("hunter2"));
}

#[tokio::test]
async fn many_probes_run_the_checks_once() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let health = Health::new()
        .check("database", move || {
            counted.fetch_add(1, SeqCst);
            async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok(())
            }
        })
        .keep(Duration::from_secs(600));
    let client = Client::new(app![health]);
    let probes: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.get("/readyz").send().await.status().as_u16() })
        })
        .collect();
    for probe in probes {
        assert_eq!(probe.await.unwrap(), 200);
    }
    assert_eq!(runs.load(SeqCst), 1);
}

#[tokio::test]
async fn probes_that_leave_early_get_a_result_for_the_next_one() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let health = Health::new()
        .check("slow", move || {
            counted.fetch_add(1, SeqCst);
            async {
                tokio::time::sleep(Duration::from_millis(200)).await;
                Ok(())
            }
        })
        .keep(Duration::from_secs(600));
    let client = Client::new(app![health]);
    for _ in 0..5 {
        let probe = tokio::time::timeout(Duration::from_millis(5), client.get("/readyz").send()).await;
        assert!(probe.is_err());
    }
    client.get("/readyz").send().await.assert_status(200);
    assert_eq!(runs.load(SeqCst), 1);
}

#[tokio::test]
async fn a_probe_that_leaves_does_not_keep_others_from_a_result() {
    let health = Health::new().check("slow", async || {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok(())
    });
    let client = Client::new(app![health]);
    let first = tokio::time::timeout(Duration::from_millis(10), client.get("/readyz").send()).await;
    assert!(first.is_err());
    client.get("/readyz").send().await.assert_status(200);
}

#[tokio::test]
async fn from_the_begin_of_the_shutdown_it_is_draining() {
    let shutdown = Shutdown::new();
    let server = app![Health::new().live("/alive").ready("/ready"), index]
        .server()
        .listen("127.0.0.1:0")
        .banner(false);
    let server = server.shutdown(&shutdown).shutdown_delay(Duration::from_secs(3)).bind().unwrap();
    let address = server.addresses()[0];
    let running = tokio::spawn(server.run());
    let ask = async |path: &'static str| {
        tokio::task::spawn_blocking(move || {
            use std::io::{Read, Write};
            let mut socket = std::net::TcpStream::connect(address).unwrap();
            socket
                .write_all(format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").as_bytes())
                .unwrap();
            let mut text = String::new();
            socket.read_to_string(&mut text).unwrap();
            text
        })
        .await
        .unwrap()
    };
    assert!(ask("/ready").await.starts_with("HTTP/1.1 200 "));
    shutdown.start();
    let draining = ask("/ready").await;
    assert!(draining.starts_with("HTTP/1.1 503 ") && draining.ends_with("draining"), "{draining}");
    assert!(ask("/alive").await.starts_with("HTTP/1.1 200 "));
    running.abort();
}

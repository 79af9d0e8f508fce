use connect::{Environment, app};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{TestServer, index, support};

#[tokio::test]
async fn a_server_listens_at_several_addresses() {
    let running = {
        let shutdown = connect::Shutdown::new();
        let server = app![index].environment(Environment::Test).server();
        let server = server
            .listen("127.0.0.1:0")
            .listen("[::1]:0")
            .listener(std::net::TcpListener::bind("127.0.0.1:0").unwrap());
        let server = server.shutdown(&shutdown).bind().expect("free ports");
        let addresses = server.addresses();
        assert_eq!(addresses.len(), 3);
        let task = tokio::spawn(server.run_until(std::future::pending::<()>()));
        for address in &addresses {
            let mut client = support::Client::connect(*address).await;
            client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
            assert_eq!(client.response().await.expect("a response").seen(), (200, "index"), "{address}");
        }
        TestServer { address: addresses[0], addresses, shutdown, task }
    };
    running.shutdown.start();
    running.ended().await;
}

#[tokio::test]
async fn the_same_port_can_be_bound_for_ipv4_and_ipv6() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = app![index].server().listen(("0.0.0.0", port)).listen(("::", port)).bind().expect("both");
    assert_eq!(server.addresses().len(), 2);
}

#[tokio::test]
async fn the_error_for_an_address_in_use_names_it() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    for workers in [None, Some(2)] {
        let mut server = app![index].server().listen(address);
        if let Some(workers) = workers {
            server = server.workers(workers);
        }
        let err = server.run().await.expect_err("it is in use");
        assert_eq!(err.kind(), std::io::ErrorKind::AddrInUse);
        let expected = format!("cannot listen on {address}: it is in use. Is the server running already?");
        assert_eq!(err.to_string(), expected);
        // What `main` prints.
        assert_eq!(format!("{err:?}"), format!("Custom {{ kind: AddrInUse, error: {expected} }}"));
    }
    let err = app![index].listen(address).await.expect_err("it is in use");
    assert!(err.to_string().starts_with("cannot listen on 127.0.0.1:"), "{err}");
}

#[tokio::test]
async fn a_server_without_an_address_is_an_error() {
    let err = app![index].server().run().await.expect_err("no address");
    assert_eq!(err.to_string(), "the server has no address: add one with `listen`");
    let err = app![index].server().listen("192.0.2.1:80").run().await.expect_err("not ours");
    assert!(err.to_string().contains("this machine has no such address"), "{err}");
    for address in ["nowhere.invalid:80", "nonsense"] {
        let by_server =
            app![index].server().listen(address).run().await.expect_err("no such name").to_string();
        assert!(by_server.starts_with(&format!("cannot listen on {address:?}: ")), "{by_server}");
        let by_app = app![index].listen(address).await.expect_err("no such name").to_string();
        assert_eq!(by_app, by_server);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_is_served_and_removed_at_shutdown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sock");
    // The file that a killed server leaves.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists());

    let running = TestServer::start(app![index], |server| server.listen_unix(&path));
    let mut client = tokio::net::UnixStream::connect(&path).await.expect("it listens");
    client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut response = String::new();
    client.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n") && response.ends_with("\r\n\r\nindex"), "{response}");

    let err = app![index].server().listen_unix(&path).run().await.expect_err("it is in use");
    assert_eq!(
        err.to_string(),
        format!("cannot listen on {}: it is in use. Is the server running already?", path.display())
    );
    assert!(path.exists(), "the other server's file is still there");

    running.shutdown.start();
    running.ended().await;
    assert!(!path.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_rebound_by_a_successor_is_not_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sock");
    let predecessor = TestServer::start(app![index], |server| server.listen_unix(&path));
    std::fs::remove_file(&path).unwrap();
    let successor = TestServer::start(app![index], |server| server.listen_unix(&path));
    predecessor.shutdown.start();
    predecessor.ended().await;
    let mut client = tokio::net::UnixStream::connect(&path).await.expect("the successor listens");
    client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut response = String::new();
    client.read_to_string(&mut response).await.unwrap();
    assert!(response.ends_with("\r\n\r\nindex"), "{response}");
    successor.shutdown.start();
    successor.ended().await;
    assert!(!path.exists());
}

#[test]
fn run_blocking_serves_from_a_synchronous_main() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    drop(taken);
    let shutdown = connect::Shutdown::new();
    let server = app![index].environment(Environment::Test).server().listen(address).shutdown(&shutdown);
    let thread = std::thread::spawn(|| server.run_blocking());
    let response = loop {
        use std::io::{Read, Write};
        let Ok(mut client) = std::net::TcpStream::connect(address) else {
            assert!(!thread.is_finished());
            continue;
        };
        client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut response = String::new();
        client.read_to_string(&mut response).unwrap();
        break response;
    };
    assert!(response.ends_with("index"), "{response}");
    shutdown.start();
    thread.join().unwrap().unwrap();
}

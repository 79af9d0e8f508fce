//! The proxy between two servers of nginx. Ignored, and it is said, where nginx is not installed.
#![cfg(feature = "proxy")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use connect::testing::Client;
use connect::{TrustProxy, app};
use connect_middleware::proxy::Proxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

struct Nginx {
    process: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its worker.
        let asked = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        if asked.is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

fn program() -> Option<&'static str> {
    let programs = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx"];
    programs.into_iter().find(|program| Path::new(program).is_file())
}

async fn nginx(program: &str, port: u16, server: &str) -> Nginx {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    let config = format!(
        "daemon off; pid {path}/pid; error_log {path}/error.log;\nevents {{}}\nhttp {{ access_log off;\n\
         client_body_temp_path {path}/b; proxy_temp_path {path}/p; fastcgi_temp_path {path}/f; \
         uwsgi_temp_path {path}/u; scgi_temp_path {path}/s;\n\
         server {{ listen 127.0.0.1:{port}; {server} }} }}\n"
    );
    std::fs::write(folder.path().join("nginx.conf"), config).unwrap();
    let mut command = Command::new(program);
    command.arg("-p").arg(folder.path()).arg("-c").arg(folder.path().join("nginx.conf"));
    let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let nginx = Nginx { process, _folder: folder };
    let begin = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(begin.elapsed() < Duration::from_secs(60), "nginx does not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    nginx
}

fn port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn nginx_is_a_target_and_a_proxy_in_front() {
    let Some(program) = program() else {
        println!("ignored: nginx is not installed");
        return;
    };
    let (behind, front) = (port(), port());
    let says = "return 200 \"$request_method $request_uri|$http_x_forwarded_for|$http_x_forwarded_proto|$http_via|$host\";";
    let _behind =
        nginx(program, behind, &format!("location / {{ {says} }} location = /dir {{ return 301 /dir/; }}"))
            .await;
    let app = app!["/api" => [Proxy::to(format!("http://127.0.0.1:{behind}/v1"))], Proxy::to(format!("http://127.0.0.1:{behind}"))];
    let client = Client::serve(app.trust_proxy(TrustProxy::hops(1))).await.unwrap();
    let address = client.address().unwrap();
    let forwards = format!(
        "location / {{ proxy_pass http://{address}; proxy_set_header X-Forwarded-For $remote_addr; \
         proxy_set_header X-Forwarded-Proto https; }}"
    );
    let _front = nginx(program, front, &forwards).await;
    for _ in 0..3 {
        let mut io = TcpStream::connect(("127.0.0.1", front)).await.unwrap();
        let request = "GET /api/x%20y?q=%41 HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 6.6.6.6\r\nconnection: close\r\n\r\n";
        io.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        io.read_to_string(&mut text).await.unwrap();
        // nginx speaks HTTP/1.0 or 1.1 to a target, by its version.
        let (line, rest) = text.rsplit("\r\n\r\n").next().unwrap().split_once('|').unwrap();
        assert_eq!(line, "GET /v1/x%20y?q=%41", "{text}");
        assert!(
            rest.starts_with("127.0.0.1, 127.0.0.1|https|1.") && rest.ends_with(" connect|127.0.0.1"),
            "{text}"
        );
    }
    let res = client.get("/dir").send().await;
    res.assert_status(301).assert_header("location", "/dir/");
}

#[cfg(feature = "proxy-tls")]
#[tokio::test]
async fn nginx_is_a_target_over_tls() {
    let Some(program) = program() else {
        println!("ignored: nginx is not installed");
        return;
    };
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    for protocol in ["TLSv1.2", "TLSv1.3"] {
        let (plain, encrypted) = (port(), port());
        let server = format!(
            "listen 127.0.0.1:{encrypted} ssl; ssl_certificate {}; ssl_certificate_key {}; ssl_protocols {protocol};\n\
             location / {{ return 200 \"$ssl_protocol $ssl_server_name $request_uri\"; }}",
            certificate.display(),
            key.display()
        );
        let _nginx = nginx(program, plain, &server).await;
        let proxy = Proxy::to(format!("https://localhost:{encrypted}")).trust_certificates(made.cert.pem());
        let client = Client::serve(app![proxy]).await.unwrap();
        for _ in 0..2 {
            client.get("/x?y").send().await.assert_ok().assert_text(&format!("{protocol} localhost /x?y"));
        }
    }
}

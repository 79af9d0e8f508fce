//! The servers that are measured: connect, axum with tower-http and actix-files on one thread each, and nginx with one
//! worker.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tokio::net::TcpListener;

/// What is measured, in the order of the table.
pub(crate) const SERVERS: [&str; 5] = ["nginx", "connect, cache", "connect", "tower-http", "actix-files"];

/// Serves a folder in this process, on one thread and until the process ends.
pub(crate) fn serve(server: &str, folder: &Path, port: u16) -> io::Result<()> {
    match server {
        "connect" => connect(connect::serve_static(folder).precompressed(), port),
        "connect, cache" => connect(connect::serve_static(folder).precompressed().cache(256 << 20), port),
        "tower-http" => tower_http(folder, port),
        "actix-files" => actix_files(folder.to_owned(), port),
        other => Err(io::Error::other(format!("there is no server `{other}`"))),
    }
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn connect(files: connect::ServeStatic, port: u16) -> io::Result<()> {
    runtime()?.block_on(async {
        let app = connect::app![files];
        app.serve(TcpListener::bind(("127.0.0.1", port)).await?).await
    })
}

fn tower_http(folder: &Path, port: u16) -> io::Result<()> {
    use axum::serve::ListenerExt as _;
    let files = tower_http::services::ServeDir::new(folder)
        .precompressed_br()
        .precompressed_zstd()
        .precompressed_gzip();
    runtime()?.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, axum::Router::new().fallback_service(files)).await
    })
}

fn actix_files(folder: std::path::PathBuf, port: u16) -> io::Result<()> {
    use actix_web::{App, HttpServer};
    let server = HttpServer::new(move || {
        App::new().service(actix_files::Files::new("/", folder.clone()).try_compressed())
    });
    let server = server.workers(1).tcp_nodelay(true).bind(("127.0.0.1", port))?;
    actix_web::rt::System::new().block_on(server.run())
}

/// A server in a process of its own, which ends with this value.
pub(crate) struct Running {
    child: Child,
    /// The process that answers.
    pub(crate) process: u32,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a server in a process of its own.
pub(crate) fn start(server: &str, folder: &Path, scratch: &Path, port: u16) -> io::Result<Running> {
    let mut command = if server == "nginx" {
        nginx(folder, scratch, port)?
    } else {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", server]).arg(folder).arg(port.to_string());
        command
    };
    let child = command.stdout(Stdio::null()).spawn()?;
    // Without a master process nginx answers in the process that was started, as the others do.
    let process = child.id();
    let running = Running { child, process };
    for _ in 0..500 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(running);
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    Err(io::Error::other(format!("{server} did not start")))
}

fn nginx(folder: &Path, scratch: &Path, port: u16) -> io::Result<Command> {
    let (root, scratch) = (folder.display(), scratch.display());
    let config = format!(
        "daemon off; master_process off; worker_processes 1; pid {scratch}/nginx.pid; error_log {scratch}/error.log;
events {{ worker_connections 256; }}
http {{
  types {{ text/javascript js; }}
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000000; gzip_static on;
  client_body_temp_path {scratch}/body; proxy_temp_path {scratch}/proxy; fastcgi_temp_path {scratch}/fastcgi;
  uwsgi_temp_path {scratch}/uwsgi; scgi_temp_path {scratch}/scgi;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"
    );
    let file = Path::new(&scratch.to_string()).join("nginx.conf");
    fs::write(&file, config)?;
    let mut command = Command::new("nginx");
    command.arg("-c").arg(file).env("PATH", "/usr/sbin:/usr/bin:/bin:/usr/local/sbin:/usr/local/bin");
    command.stderr(Stdio::null());
    Ok(command)
}

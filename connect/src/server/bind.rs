//! Binding the addresses of a server.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use socket2::{Domain, Protocol, Socket, Type};

/// The length of the kernel's queue of connections that are not accepted yet.
const BACKLOG: i32 = 1024;

/// One address or socket to listen on, as it was configured.
pub(super) enum ListenSpec {
    /// The addresses that one host name resolves to, or the error; and whether connections begin with the PROXY
    /// protocol.
    Addresses(io::Result<Vec<SocketAddr>>, bool),
    #[cfg(unix)]
    Path(PathBuf),
    /// A socket that is already bound.
    Bound(io::Result<Bound>),
}

/// A bound socket.
pub(super) enum Bound {
    /// With whether connections begin with the PROXY protocol.
    Tcp(std::net::TcpListener, bool),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixListener, Option<SocketFile>),
}

/// The file of a Unix socket, which is removed when this is dropped.
#[cfg_attr(not(unix), allow(dead_code, reason = "only Unix has such files"))]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Identifies the file, if the system can.
    file: Option<FileId>,
}

/// The device and the inode of a file: another file may be at its path later.
type FileId = (u64, u64);

#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    let file = path.symlink_metadata().ok()?;
    Some((file.dev(), file.ino()))
}

#[cfg(unix)]
impl Drop for SocketFile {
    fn drop(&mut self) {
        // Another server may have created its own socket at the path.
        if self.file.is_some() && file_id(&self.path) == self.file {
            // Another process may have removed it already.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// The addresses of one name; the error names it.
pub(super) fn addresses(address: &impl super::address::Address) -> io::Result<Vec<SocketAddr>> {
    let addresses = std::net::ToSocketAddrs::to_socket_addrs(address).map(Iterator::collect);
    addresses.map_err(|err| listen_error(format_args!("{address:?}"), &err))
}

/// Binds every address. With `shared`, other sockets of the same process can listen on them too (`SO_REUSEPORT`).
pub(super) fn bind(wanted: Vec<ListenSpec>, shared: bool) -> io::Result<Vec<Bound>> {
    let all: Vec<SocketAddr> = wanted
        .iter()
        .filter_map(
            |one| if let ListenSpec::Addresses(Ok(addresses), _) = one { Some(addresses) } else { None },
        )
        .flatten()
        .copied()
        .collect();
    let mut bound = Vec::new();
    for one in wanted {
        match one {
            ListenSpec::Addresses(addresses, proxied) => {
                bound.push(Bound::Tcp(bind_any(&addresses?, &all, shared)?, proxied));
            }
            #[cfg(unix)]
            ListenSpec::Path(path) => bound.push(bind_path(path)?),
            ListenSpec::Bound(listener) => bound.push(listener?),
        }
    }
    Ok(bound)
}

/// Binds the first of a host name's addresses that can be bound, as the standard library does.
fn bind_any(addresses: &[SocketAddr], all: &[SocketAddr], shared: bool) -> io::Result<std::net::TcpListener> {
    let mut failed = None;
    for address in addresses {
        match bind_address(*address, all, shared) {
            Ok(listener) => return Ok(listener),
            Err(err) => failed = Some(listen_error(*address, &err)),
        }
    }
    Err(failed.unwrap_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidInput, "the host name to listen on resolves to no address")
    }))
}

fn bind_address(address: SocketAddr, all: &[SocketAddr], shared: bool) -> io::Result<std::net::TcpListener> {
    if shared && address.port() != 0 {
        // `SO_REUSEPORT` also lets another process of the same user bind the address, so it is bound without it first.
        drop(socket(address, all, false)?);
    }
    let socket = socket(address, all, shared)?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn socket(address: SocketAddr, all: &[SocketAddr], shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    // Without it, a restarted server could not bind while connections of the last one are in TIME_WAIT. On Windows the
    // option would let another process take over the address.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    if shared {
        socket.set_reuse_port(true)?;
    }
    let _ = shared;
    if address.is_ipv6() && all.iter().any(|other| other.is_ipv4() && other.port() == address.port()) {
        // Without it, the socket would take the IPv4 connections too.
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Binds one more socket to the address of a shared one. The kernel distributes connections among them.
pub(super) fn bind_for_worker(first: &Bound) -> io::Result<Bound> {
    Ok(match first {
        #[cfg(unix)]
        Bound::Tcp(first, proxied) => {
            let address = first.local_addr()?;
            let all = if socket2::SockRef::from(first).only_v6().unwrap_or(false) {
                vec![SocketAddr::from(([0, 0, 0, 0], address.port()))]
            } else {
                Vec::new()
            };
            let socket = match socket(address, &all, true) {
                Ok(socket) => socket,
                // A listener that the caller has bound may lack `SO_REUSEPORT`: then the workers share the one socket.
                Err(_) => return Ok(Bound::Tcp(first.try_clone()?, *proxied)),
            };
            socket.listen(BACKLOG)?;
            Bound::Tcp(socket.into(), *proxied)
        }
        #[cfg(not(unix))]
        Bound::Tcp(first, proxied) => Bound::Tcp(first.try_clone()?, *proxied),
        #[cfg(unix)]
        Bound::Unix(first, _) => Bound::Unix(first.try_clone()?, None),
    })
}

#[cfg(unix)]
fn bind_path(path: PathBuf) -> io::Result<Bound> {
    use std::os::unix::fs::FileTypeExt;
    use std::os::unix::net::{UnixListener, UnixStream};
    let is_socket = path.symlink_metadata().is_ok_and(|file| file.file_type().is_socket());
    if is_socket
        && UnixStream::connect(&path).is_err_and(|err| err.kind() == io::ErrorKind::ConnectionRefused)
    {
        // A server that was killed has left it: nobody listens on it.
        let _ = std::fs::remove_file(&path);
    }
    let listener = UnixListener::bind(&path).map_err(|err| listen_error(path.display(), &err))?;
    listener.set_nonblocking(true)?;
    let file = file_id(&path);
    Ok(Bound::Unix(listener, Some(SocketFile { path, file })))
}

/// The system's error with the address, and with what can be done.
pub(super) fn listen_error(address: impl std::fmt::Display, err: &io::Error) -> io::Error {
    let help = match err.kind() {
        io::ErrorKind::AddrInUse => ": it is in use. Is the server running already?",
        io::ErrorKind::PermissionDenied => {
            ": permission denied. Ports below 1024 need a privilege (on Linux CAP_NET_BIND_SERVICE)"
        }
        io::ErrorKind::AddrNotAvailable => {
            ": this machine has no such address. use `0.0.0.0` for all that it has"
        }
        _ => return io::Error::new(err.kind(), ListenError(format!("cannot listen on {address}: {err}"))),
    };
    io::Error::new(err.kind(), ListenError(format!("cannot listen on {address}{help}")))
}

/// An error whose `Debug` is its message, because `main` prints errors with `Debug`.
pub(super) struct ListenError(pub(super) String);

impl std::fmt::Display for ListenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for ListenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ListenError {}

impl Bound {
    /// The address that clients connect to.
    pub(super) fn address(&self) -> Address {
        match self {
            Bound::Tcp(listener, _) => listener.local_addr().map_or(Address::Unknown, Address::Tcp),
            #[cfg(unix)]
            Bound::Unix(listener, _) => {
                let path =
                    listener.local_addr().ok().and_then(|address| address.as_pathname().map(Path::to_owned));
                path.map_or(Address::Unknown, Address::Unix)
            }
        }
    }
}

/// The address of a bound socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    Tcp(SocketAddr),
    #[cfg(unix)]
    Unix(PathBuf),
    /// The system does not report it.
    Unknown,
}

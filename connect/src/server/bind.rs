//! Where a server listens.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use socket2::{Domain, Protocol, Socket, Type};

/// Connections that the system may keep for a server which does not accept them yet.
const BACKLOG: i32 = 1024;

/// What was asked for.
pub(super) enum Wanted {
    /// The addresses of one name, or why it has none; and whether connections begin with the PROXY protocol.
    Addresses(io::Result<Vec<SocketAddr>>, bool),
    #[cfg(unix)]
    Path(PathBuf),
    /// It was handed over.
    Bound(io::Result<Bound>),
}

/// A socket that listens.
pub(super) enum Bound {
    /// And whether connections begin with the PROXY protocol.
    Tcp(std::net::TcpListener, bool),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixListener, Option<Removed>),
}

/// A socket's file, which goes with it.
#[cfg_attr(not(unix), allow(dead_code, reason = "only Unix has such files"))]
pub(super) struct Removed {
    path: PathBuf,
    /// Which file it is, if the system says so.
    file: Option<FileId>,
}

/// The device and the inode of a file: what is at its path later may be another one.
type FileId = (u64, u64);

#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    let file = path.symlink_metadata().ok()?;
    Some((file.dev(), file.ino()))
}

#[cfg(unix)]
impl Drop for Removed {
    fn drop(&mut self) {
        // A successor may have put its own socket there, and that one serves.
        if self.file.is_some() && file_id(&self.path) == self.file {
            // Another process may have been quicker.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// The addresses of one name; the error names it.
pub(super) fn addresses(address: &impl super::address::Address) -> io::Result<Vec<SocketAddr>> {
    let addresses = std::net::ToSocketAddrs::to_socket_addrs(address).map(Iterator::collect);
    addresses.map_err(|err| cannot(format_args!("{address:?}"), &err))
}

/// Binds all that was asked for. With `shared`, others of the same process can listen there too.
pub(super) fn bind(wanted: Vec<Wanted>, shared: bool) -> io::Result<Vec<Bound>> {
    let all: Vec<SocketAddr> = wanted
        .iter()
        .filter_map(|one| if let Wanted::Addresses(Ok(addresses), _) = one { Some(addresses) } else { None })
        .flatten()
        .copied()
        .collect();
    let mut bound = Vec::new();
    for one in wanted {
        match one {
            Wanted::Addresses(addresses, proxied) => {
                bound.push(Bound::Tcp(bind_any(&addresses?, &all, shared)?, proxied));
            }
            #[cfg(unix)]
            Wanted::Path(path) => bound.push(bind_path(path)?),
            Wanted::Bound(listener) => bound.push(listener?),
        }
    }
    Ok(bound)
}

/// The first of a name's addresses that can be had, as the standard library does it.
fn bind_any(addresses: &[SocketAddr], all: &[SocketAddr], shared: bool) -> io::Result<std::net::TcpListener> {
    let mut failed = None;
    for address in addresses {
        match bind_address(*address, all, shared) {
            Ok(listener) => return Ok(listener),
            Err(err) => failed = Some(cannot(*address, &err)),
        }
    }
    Err(failed.unwrap_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidInput, "the name of the address to listen on has no address")
    }))
}

fn bind_address(address: SocketAddr, all: &[SocketAddr], shared: bool) -> io::Result<std::net::TcpListener> {
    if shared && address.port() != 0 {
        // A shared address is given to whoever asks for it, another process of the same user too; so it is asked for alone first.
        drop(socket(address, all, false)?);
    }
    let socket = socket(address, all, shared)?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn socket(address: SocketAddr, all: &[SocketAddr], shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    // Else a server that is started again would have to wait until the last one's connections are forgotten. On Windows it
    // means something else.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    if shared {
        socket.set_reuse_port(true)?;
    }
    let _ = shared;
    if address.is_ipv6() && all.iter().any(|other| other.is_ipv4() && other.port() == address.port()) {
        // Else it would take the addresses of version 4 too.
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

/// One more socket beside one that was bound as shared; the system deals out connections between them.
pub(super) fn bind_beside(first: &Bound) -> io::Result<Bound> {
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
                // One that was handed over as a listener need not be shared: then it is the same socket.
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
        // Left by a server that had no time to take it away: nobody listens.
        let _ = std::fs::remove_file(&path);
    }
    let listener = UnixListener::bind(&path).map_err(|err| cannot(path.display(), &err))?;
    listener.set_nonblocking(true)?;
    let file = file_id(&path);
    Ok(Bound::Unix(listener, Some(Removed { path, file })))
}

/// The system's error with the address in it, and what can be done.
pub(super) fn cannot(address: impl std::fmt::Display, err: &io::Error) -> io::Error {
    let help = match err.kind() {
        io::ErrorKind::AddrInUse => ": it is in use. Is the server running already?",
        io::ErrorKind::PermissionDenied => {
            ": permission denied. Ports below 1024 need a privilege (on Linux CAP_NET_BIND_SERVICE)"
        }
        io::ErrorKind::AddrNotAvailable => {
            ": this machine has no such address. `0.0.0.0` stands for all that it has"
        }
        _ => return io::Error::new(err.kind(), Sentence(format!("cannot listen on {address}: {err}"))),
    };
    io::Error::new(err.kind(), Sentence(format!("cannot listen on {address}{help}")))
}

/// An error whose `Debug` can be read: it is what `main` prints.
struct Sentence(String);

impl std::fmt::Display for Sentence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for Sentence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Sentence {}

impl Bound {
    /// As clients would write it.
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

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    Tcp(SocketAddr),
    #[cfg(unix)]
    Unix(PathBuf),
    /// The system does not say.
    Unknown,
}

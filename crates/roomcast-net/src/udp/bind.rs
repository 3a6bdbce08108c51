//! Sockets that share one port.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};

use super::socket::SOCKET_BUFFER_BYTES;
use crate::address::{is_any_v6, lacks_v6};

/// Binds up to `count` sockets (at least one) to the same address and port.
pub(super) fn bind_sockets(address: SocketAddr, count: u16) -> io::Result<Vec<Socket>> {
    match bind_family(address, count) {
        Err(error) if is_any_v6(address) && lacks_v6(&error) => {
            tracing::debug!(%error, "no IPv6 here; media over IPv4 alone");
            bind_family(SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())), count)
        }
        other => other,
    }
}

fn bind_family(address: SocketAddr, count: u16) -> io::Result<Vec<Socket>> {
    let count = if SPREADS { count.max(1) } else { 1 };
    if count > 1 && address.port() != 0 {
        // A socket that shares its port would join the group of another program unnoticed, and the
        // two would take each other's packets. One that does not share tells whether it is free.
        open(address)?.bind(&address.into())?;
    }
    let mut sockets = Vec::with_capacity(count.into());
    let mut at = address;
    for _ in 0..count {
        let socket = open(at)?;
        if count > 1 {
            share_port(&socket)?;
        }
        socket.bind(&at.into())?;
        if let Some(bound) = socket.local_addr()?.as_socket() {
            at.set_port(bound.port());
        }
        sockets.push(socket);
    }
    Ok(sockets)
}

/// Binds one socket to one address of one family.
pub(super) fn bind_one_family(address: SocketAddr, buffer_bytes: usize) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    let _ = socket.set_recv_buffer_size(buffer_bytes);
    let _ = socket.set_send_buffer_size(buffer_bytes);
    socket.bind(&address.into())?;
    Ok(socket)
}

fn open(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if is_any_v6(address) {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    // A refusal leaves the system's own size, which is worse and not fatal.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER_BYTES);
    Ok(socket)
}

/// Whether the kernel spreads the packets of one port over the sockets that share it. Other systems
/// may let sockets share a port, but give everything to one of them.
const SPREADS: bool = cfg!(any(target_os = "linux", target_os = "android", target_os = "freebsd"));

#[cfg(any(target_os = "linux", target_os = "android"))]
fn share_port(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

#[cfg(target_os = "freebsd")]
fn share_port(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port_lb(true)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
fn share_port(_socket: &Socket) -> io::Result<()> {
    Ok(())
}

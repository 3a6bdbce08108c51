//! A connection on which a media thread speaks, in the clear or through TLS.
//!
//! It is accepted, and shaken hands with, elsewhere; here it is read and written without blocking,
//! by the thread whose [`mio::Poll`] it is registered with. What is to be sent waits in the clear, so
//! that many small messages leave by one system call. Each is a TLS record of its own: there are
//! programs that take a record for a message.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::SocketAddr;

use mio::event::Source;
use mio::{Interest, Registry, Token};
use rustls::ServerConnection;

use crate::address::canonical;

/// A non-blocking connection for one thread.
#[derive(Debug)]
pub struct Stream {
    socket: mio::net::TcpStream,
    tls: Option<Box<ServerConnection>>,
    /// What is to be sent, in the clear, from `sent` on.
    queue: Vec<u8>,
    sent: usize,
    /// With TLS: the bytes of each message in the queue.
    messages: VecDeque<usize>,
}

impl Stream {
    /// Takes over a connection: with its TLS session, if it has one, in which the handshake is done
    /// and what was decrypted but not read still waits.
    ///
    /// # Errors
    /// What the system says; not seen in practice.
    pub fn new(stream: std::net::TcpStream, tls: Option<ServerConnection>) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        let tls = tls.map(|mut tls| {
            // `flush` gives it a piece at a time, so that its own limit is never the bound.
            tls.set_buffer_limit(None);
            Box::new(tls)
        });
        let socket = mio::net::TcpStream::from_std(stream);
        Ok(Self { socket, tls, queue: Vec::new(), sent: 0, messages: VecDeque::new() })
    }

    /// The other side's address.
    ///
    /// # Errors
    /// When it is gone already.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr().map(canonical)
    }

    /// The address of this machine to which it connected.
    ///
    /// # Errors
    /// When it is gone already.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr().map(canonical)
    }

    /// Reads what has come. 0 means that the other side will send no more.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when nothing waits: only after that will `mio` report it readable
    /// again. [`io::ErrorKind::InvalidData`] when it is not TLS. Otherwise what the system says. After
    /// all but the first the connection is of no more use.
    pub fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else { return self.socket.read(into) };
        loop {
            match tls.reader().read(into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
            if tls.read_tls(&mut self.socket)? == 0 {
                return Ok(0);
            }
            tls.process_new_packets()
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
    }

    /// Puts a message that consists of `parts` behind what waits to be sent. Whoever calls this bounds
    /// it by [`Stream::waiting`].
    pub fn push(&mut self, parts: &[&[u8]]) {
        let before = self.queue.len();
        parts.iter().for_each(|part| self.queue.extend_from_slice(part));
        if self.tls.is_some() {
            self.messages.push_back(self.queue.len() - before);
        }
    }

    /// Bytes that wait to be sent, besides 64 KiB at most inside TLS.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.len() - self.sent
    }

    /// Sends what waits, as far as the system takes it, and says whether all is gone. If not, `mio`
    /// will report it writable.
    ///
    /// # Errors
    /// What the system says. The connection is of no more use then.
    pub fn flush(&mut self) -> io::Result<bool> {
        match self.send() {
            Ok(()) => {
                self.queue.clear();
                self.queue.shrink_to(KEPT_BYTES);
                self.sent = 0;
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.queue.drain(..self.sent);
                self.sent = 0;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn send(&mut self) -> io::Result<()> {
        let Some(tls) = &mut self.tls else {
            while self.sent < self.queue.len() {
                self.sent += written(self.socket.write(&self.queue[self.sent..])?)?;
            }
            return Ok(());
        };
        loop {
            while tls.wants_write() {
                written(tls.write_tls(&mut self.socket)?)?;
            }
            if self.messages.is_empty() {
                return Ok(());
            }
            let piece_end = self.sent + PIECE_BYTES;
            while self.sent < piece_end
                && let Some(len) = self.messages.pop_front()
            {
                tls.writer().write_all(&self.queue[self.sent..self.sent + len])?;
                self.sent += len;
            }
        }
    }
}

fn written(bytes: usize) -> io::Result<usize> {
    if bytes == 0 { Err(io::ErrorKind::WriteZero.into()) } else { Ok(bytes) }
}

impl Source for Stream {
    fn register(&mut self, registry: &Registry, token: Token, on: Interest) -> io::Result<()> {
        self.socket.register(registry, token, on)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, on: Interest) -> io::Result<()> {
        self.socket.reregister(registry, token, on)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.socket.deregister(registry)
    }
}

/// Bytes that are encrypted at once, or one message more.
const PIECE_BYTES: usize = 64 * 1024;

/// Bytes of a buffer that a connection keeps: a picture's packets.
const KEPT_BYTES: usize = 16 * 1024;

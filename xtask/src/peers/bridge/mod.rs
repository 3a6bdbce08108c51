//! Answers the WHIP and WHEP of `roomcast load` for a server that speaks something else.
//!
//! Only the words pass through here: media goes between the load and the server directly.

mod http;
mod janus;
mod livekit;
mod sdp;

use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};

pub(super) use janus::Janus;
pub(super) use livekit::LiveKit;

/// A server's own way to begin a session. Each takes an offer and returns the answer to it.
pub(super) trait Backend: Send + Sync + 'static {
    fn publish(&self, offer: &str) -> anyhow::Result<String>;
    fn watch(&self, offer: &str) -> anyhow::Result<String>;
}

/// A bridge that runs; it ends with this value.
#[derive(Debug)]
pub(super) struct Bridge {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bridge {
    /// Listens at an address of this machine, at a free port.
    pub(super) fn start(ip: IpAddr, backend: impl Backend) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((ip, 0))?;
        let address = listener.local_addr()?;
        let over = Arc::new(AtomicBool::new(false));
        let (is_over, backend) = (Arc::clone(&over), Arc::new(backend));
        let thread = thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if is_over.load(Relaxed) {
                    return;
                }
                let backend = Arc::clone(&backend);
                thread::spawn(move || serve(&stream, &*backend));
            }
        });
        Ok(Self { address, over, thread: Some(thread) })
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.over.store(true, Relaxed);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn serve(stream: &TcpStream, backend: &impl Backend) {
    let answered = http::receive(stream).and_then(|request| {
        match (&*request.method, &*request.path) {
            ("POST", "/whip") => backend.publish(&request.body),
            ("POST", "/whep") => backend.watch(&request.body),
            // A session ends with its server, right after the run.
            _ => Ok(String::new()),
        }
    });
    // Whoever asked may be gone.
    let _ = match answered {
        Ok(answer) => http::respond(stream, "201 Created", &answer),
        Err(error) => http::respond(stream, "502 Bad Gateway", &format!("{error:#}")),
    };
}

//! A program that is started, pinned to a core, and ended by its own process id.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use anyhow::{Context as _, bail};

/// Where a program runs: the server alone on one core, what loads it on the other.
#[derive(Debug, Clone, Copy)]
pub(super) enum Core {
    Server,
    Load,
}

/// A server that runs. It ends with this value.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a server; `folder` takes what it writes, and what it says.
    pub(super) fn start(mut command: Command, folder: &Path) -> anyhow::Result<Self> {
        let log = folder.join("log");
        let file = File::create(&log)?;
        command.current_dir(folder).stdin(Stdio::null());
        command.stdout(file.try_clone()?).stderr(file);
        Ok(Self { child: command.spawn().context("cannot be started")?, log })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until something accepts TCP connections at a port of this machine.
    pub(super) fn wait_until_listening(&mut self, port: u16) -> anyhow::Result<()> {
        let end = Instant::now() + LONGEST_START;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended at once ({status}): {}", self.last_line());
            }
            if Instant::now() > end {
                bail!("it does not listen after {LONGEST_START:?}: {}", self.last_line());
            }
            thread::sleep(STEP);
        }
        Ok(())
    }

    /// What it said last.
    fn last_line(&self) -> String {
        let said = fs::read_to_string(&self.log).unwrap_or_default();
        said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing").to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already cannot be ended, which is just as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program, pinned to its core, that ends when this one does.
pub(super) fn pinned(core: Core, program: &Path) -> Command {
    let number = match core {
        Core::Server => "0",
        Core::Load => "1",
    };
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", number, "setpriv", "--pdeathsig", "KILL"]).arg(program);
    command
}

/// Ports of loopback that nothing has, neither by UDP nor by TCP. They may be taken in between.
pub(super) fn free_ports<const COUNT: usize>() -> io::Result<[u16; COUNT]> {
    let mut held = Vec::new();
    let mut ports = [0; COUNT];
    for port in &mut ports {
        *port = loop {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            let address: SocketAddr = listener.local_addr()?;
            if let Ok(socket) = UdpSocket::bind(address) {
                held.push((listener, socket));
                break address.port();
            }
        };
    }
    Ok(ports)
}

/// A server that takes longer to start has failed.
const LONGEST_START: Duration = Duration::from_secs(15);

/// Between two looks at whether it listens.
const STEP: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_are_different_ones() {
        let ports = free_ports::<4>().unwrap();
        for (index, port) in ports.iter().enumerate() {
            assert!(*port > 0 && !ports[..index].contains(port));
        }
    }

    #[test]
    fn a_program_that_ends_at_once_is_told_with_its_last_words() {
        let folder = std::env::temp_dir().join(format!("roomcast-peers-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo no such option"]);
        let mut process = Process::start(command, &folder).unwrap();
        let [port] = free_ports().unwrap();
        let error = process.wait_until_listening(port).unwrap_err().to_string();
        fs::remove_dir_all(&folder).unwrap();
        assert!(error.contains("no such option"), "{error}");
    }
}

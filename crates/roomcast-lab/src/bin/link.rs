//! `roomcast-link NEAR FAR [SEED]` makes two TUN devices and joins them by a link that can be made bad.
//!
//! It says `{"ready":true}` when both are there: give them addresses then, or move one to another network
//! namespace. Each line on standard input is a command, and is answered by one line on standard output (see
//! `Cable::told`). When the input ends, the program ends, and the devices go with it.

use std::io;

#[cfg(target_os = "linux")]
fn main() -> io::Result<()> {
    let mut words = std::env::args().skip(1);
    let (Some(near), Some(far)) = (words.next(), words.next()) else {
        return Err(io::Error::other("usage: roomcast-link NEAR FAR [SEED]"));
    };
    let seed = words.next().map_or(Ok(0), |word| word.parse()).map_err(io::Error::other)?;
    shell::Shell::new(&near, &far, seed)?.run()
}

#[cfg(not(target_os = "linux"))]
fn main() -> io::Result<()> {
    Err(io::Error::other("roomcast-link needs Linux"))
}

#[cfg(target_os = "linux")]
mod shell {
    use std::io::{self, Write};
    use std::time::Instant;

    use roomcast_lab::{Cable, End};
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use tun_rs::{DeviceBuilder, SyncDevice};

    /// The devices, the cable between them, and what was typed so far.
    pub(super) struct Shell {
        near: SyncDevice,
        far: SyncDevice,
        cable: Cable,
        began: Instant,
        typed: Vec<u8>,
    }

    impl Shell {
        pub(super) fn new(near: &str, far: &str, seed: u64) -> io::Result<Self> {
            Ok(Self {
                near: device(near)?,
                far: device(far)?,
                cable: Cable::new(seed),
                began: Instant::now(),
                typed: Vec::new(),
            })
        }

        pub(super) fn run(&mut self) -> io::Result<()> {
            answer(r#"{"ready":true}"#)?;
            loop {
                let [near, far, input] = self.wait()?;
                if input && !self.hear()? {
                    return Ok(());
                }
                for (is_ready, end) in [(near, End::Near), (far, End::Far)] {
                    if is_ready {
                        self.take(end);
                    }
                }
                self.give(End::Near);
                self.give(End::Far);
            }
        }

        /// Waits for packets, a line, or the time at which something comes out.
        fn wait(&self) -> io::Result<[bool; 3]> {
            let left = self.cable.deadline().map(|at| at.saturating_sub(self.began.elapsed()));
            let left = left.map(|left| Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            });
            let input = rustix::stdio::stdin();
            let mut all = [
                PollFd::new(&self.near, PollFlags::IN),
                PollFd::new(&self.far, PollFlags::IN),
                PollFd::new(&input, PollFlags::IN),
            ];
            poll(&mut all, left.as_ref())?;
            if all[..2].iter().any(|device| device.revents().contains(PollFlags::ERR)) {
                return Err(io::Error::other("a device was deleted"));
            }
            Ok(all.map(|one| !one.revents().is_empty()))
        }

        /// Obeys what was typed. `false` when the input has ended.
        fn hear(&mut self) -> io::Result<bool> {
            let mut bytes = [0; 1_024];
            let count = rustix::io::read(rustix::stdio::stdin(), &mut bytes)?;
            self.typed.extend_from_slice(&bytes[..count]);
            while let Some(end) = self.typed.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.typed.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line);
                answer(&self.cable.told(self.began.elapsed(), &line))?;
            }
            Ok(count > 0 && self.typed.len() < LONGEST_LINE)
        }

        /// Takes the packets that wait at an end.
        fn take(&mut self, end: End) {
            let device = if end == End::Near { &self.near } else { &self.far };
            let mut packet = [0; LARGEST_PACKET];
            for _ in 0..MOST_AT_ONCE {
                // A device that is not in use yet has nothing, and says so as an error.
                let Ok(count) = device.recv(&mut packet) else { return };
                self.cable.push(self.began.elapsed(), end, packet[..count].to_vec());
            }
        }

        /// Gives out what has come to an end.
        fn give(&mut self, end: End) {
            let device = if end == End::Near { &self.near } else { &self.far };
            while let Some(packet) = self.cable.pop(self.began.elapsed(), end) {
                // A device that is down loses what is sent to it, as a cut cable does.
                let _ = device.send(&packet);
            }
        }
    }

    /// A TUN device that nobody uses yet.
    fn device(name: &str) -> io::Result<SyncDevice> {
        let device = DeviceBuilder::new().name(name).enable(false).build_sync()?;
        device.set_nonblocking(true)?;
        Ok(device)
    }

    fn answer(line: &str) -> io::Result<()> {
        let mut output = io::stdout().lock();
        writeln!(output, "{line}")?;
        output.flush()
    }

    /// More than the devices let through: their MTU is 1,500 bytes.
    const LARGEST_PACKET: usize = 2_048;
    /// So that the other end and the clock have their turn.
    const MOST_AT_ONCE: usize = 64;
    /// Longer than any line that has a meaning.
    const LONGEST_LINE: usize = 4_096;
}

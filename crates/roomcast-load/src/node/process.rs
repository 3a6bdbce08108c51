//! A process as `/proc` shows it. Linux only; elsewhere nothing is known.

use std::time::Duration;

/// A process of this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

/// What a process has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Processor time since it began, user and system together.
    pub(crate) cpu: Duration,
    /// Bytes of memory that it holds now.
    pub(crate) rss: u64,
}

impl Process {
    /// This program itself.
    pub(crate) fn own() -> Self {
        Self(std::process::id())
    }

    /// What it has used so far; `None` when there is no such process, or no `/proc`.
    pub(crate) fn usage(self) -> Option<Usage> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0)).ok()?;
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0)).ok()?;
        let ticks = cpu_ticks(&stat)?;
        let cpu = Duration::from_secs(1).checked_mul(u32::try_from(ticks).ok()?)?;
        Some(Usage { cpu: cpu / ticks_per_second()?, rss: rss_bytes(&status)? })
    }
}

#[cfg(target_os = "linux")]
fn ticks_per_second() -> Option<u32> {
    u32::try_from(rustix::param::clock_ticks_per_second()).ok().filter(|ticks| *ticks > 0)
}

#[cfg(not(target_os = "linux"))]
fn ticks_per_second() -> Option<u32> {
    None
}

/// `utime` and `stime` of proc_pid_stat(5). The name in parentheses may hold anything.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_name, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ').skip(11);
    let (user, system) = (fields.next()?, fields.next()?);
    Some(user.parse::<u64>().ok()? + system.parse::<u64>().ok()?)
}

fn rss_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_process_with_an_odd_name_are_found() {
        let stat = "12 (a ) (b) R 1 12 12 0 -1 4194304 9 0 0 0 150 25 0 0 20 0 4 0 77 1 2";
        assert_eq!(cpu_ticks(stat), Some(175));
        assert_eq!(cpu_ticks("nonsense"), None);
        assert_eq!(rss_bytes("Name:\tx\nVmRSS:\t   2048 kB\n"), Some(2 * 1024 * 1024));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_uses_memory() {
        assert!(Process::own().usage().unwrap().rss > 0);
    }
}

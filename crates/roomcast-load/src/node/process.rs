//! A process and its children as `/proc` shows them. Linux only; elsewhere nothing is known.

use std::time::Duration;

/// A process of this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

/// What a process has used, together with the children that it has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Processor time since it began, user and system together, of all threads.
    pub(crate) cpu: Duration,
    /// Bytes of memory that it holds now. What processes share counts for each of them.
    pub(crate) rss: u64,
    /// How many processes these are.
    pub(crate) processes: u32,
}

impl Process {
    /// This program itself.
    pub(crate) fn own() -> Self {
        Self(std::process::id())
    }

    /// What it has used so far; `None` when there is no such process, or no `/proc`.
    pub(crate) fn usage(self) -> Option<Usage> {
        let mut sum = self.own_usage()?;
        for child in descendants(self.0).into_iter().filter_map(|child| Self(child).own_usage()) {
            sum.cpu += child.cpu;
            sum.rss += child.rss;
            sum.processes += 1;
        }
        Some(sum)
    }

    fn own_usage(self) -> Option<Usage> {
        let stat = Stat::read(&std::fs::read_to_string(format!("/proc/{}/stat", self.0)).ok()?)?;
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0)).ok()?;
        let cpu = Duration::from_secs(1).checked_mul(u32::try_from(stat.ticks).ok()?)?;
        Some(Usage { cpu: cpu / ticks_per_second()?, rss: rss_bytes(&status)?, processes: 1 })
    }
}

/// The children of a process, and theirs.
fn descendants(root: u32) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let parent = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Some((pid, Stat::read(&stat)?.parent))
    };
    let parents: Vec<(u32, u32)> = numbers.filter_map(parent).collect();
    let mut family = vec![root];
    let mut next = 0;
    while let Some(member) = family.get(next).copied() {
        let is_child = |(pid, parent): &&(u32, u32)| *parent == member && !family.contains(pid);
        let children: Vec<u32> = parents.iter().filter(is_child).map(|(pid, _)| *pid).collect();
        family.extend(children);
        next += 1;
    }
    family.split_off(1)
}

#[cfg(target_os = "linux")]
fn ticks_per_second() -> Option<u32> {
    u32::try_from(rustix::param::clock_ticks_per_second()).ok().filter(|ticks| *ticks > 0)
}

#[cfg(not(target_os = "linux"))]
fn ticks_per_second() -> Option<u32> {
    None
}

/// What is used of proc_pid_stat(5).
struct Stat {
    parent: u32,
    /// `utime`, `stime`, and those of children that have ended: so that no time is lost with them.
    ticks: u64,
}

impl Stat {
    /// The name in parentheses may hold anything.
    fn read(stat: &str) -> Option<Self> {
        let (_name, rest) = stat.rsplit_once(") ")?;
        let parent = rest.split(' ').nth(1)?.parse().ok()?;
        // Fields 14 to 17; what is left begins with the third.
        let times = rest.split(' ').skip(11).take(4).map(|time| time.parse::<u64>().ok());
        let times: Option<Vec<u64>> = times.collect();
        Some(Self { parent, ticks: times.filter(|times| times.len() == 4)?.iter().sum() })
    }
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
        let stat = "12 (a ) (b) R 7 12 12 0 -1 4194304 9 0 0 0 150 25 3 4 20 0 4 0 77 1 2";
        let stat = Stat::read(stat).unwrap();
        assert_eq!((stat.parent, stat.ticks), (7, 182));
        assert!(Stat::read("nonsense").is_none());
        assert_eq!(rss_bytes("Name:\tx\nVmRSS:\t   2048 kB\n"), Some(2 * 1024 * 1024));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_uses_memory_and_so_do_its_children() {
        assert!(Process::own().usage().unwrap().rss > 0);
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let family = descendants(std::process::id());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(family.contains(&child.id()));
    }
}

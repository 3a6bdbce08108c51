//! How many files may be open: each connection is one.

use super::finding::{Check, Finding, System};

/// What the system allows, and what the configuration allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    /// Files that this process may open once a node has raised its limit; `None` without a limit.
    pub(super) limit: Option<u64>,
    /// `--max-participants`.
    pub(super) participants: usize,
}

/// Raises the limit as a node does, and sees how far that goes.
pub(super) fn gather(participants: usize) -> Facts {
    let limit = if cfg!(unix) { rlimit::increase_nofile_limit(u64::MAX).ok() } else { None };
    Facts { limit, participants }
}

/// What a node opens besides connections: sockets of its shards, the store, logs, and pages that are
/// loading.
const RESERVE: u64 = 512;

/// Whether a full room fits.
pub(super) fn judge(facts: Facts, system: System) -> Finding {
    let check = Check::OpenFiles;
    let participants = u64::try_from(facts.participants).unwrap_or(u64::MAX);
    let needed = participants.saturating_add(RESERVE);
    match facts.limit {
        None => Finding::ok(check, "The system sets no limit for open files."),
        Some(limit) if limit >= needed => Finding::ok(
            check,
            format!("{limit} files may be open, enough for a room of {participants}."),
        ),
        Some(limit) => Finding::warning(
            check,
            format!(
                "{limit} files may be open, so about {} people can be connected where \
                 --max-participants allows {participants}.",
                limit.saturating_sub(RESERVE)
            ),
            raise(needed, system),
        ),
    }
}

fn raise(needed: u64, system: System) -> String {
    match system {
        System::Linux => format!(
            "Raise it: `ulimit -Hn {needed}` as root, LimitNOFILE={needed} in a systemd unit, or \
             `--ulimit nofile={needed}` for a container."
        ),
        System::MacOs => {
            format!("Raise it with `sudo launchctl limit maxfiles {needed} {needed}`.")
        }
        System::Windows | System::Other => {
            format!("Raise the limit of open files to {needed}, or lower --max-participants.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    #[test]
    fn a_full_room_has_to_fit() {
        let found = |limit| judge(Facts { limit, participants: 10_000 }, System::Linux);
        assert_eq!(found(None).status, Status::Ok);
        assert_eq!(found(Some(10_512)).status, Status::Ok);
        let few = found(Some(4_096));
        assert_eq!(few.status, Status::Warning);
        assert!(few.meaning.contains("about 3584 people"), "{}", few.meaning);
        assert!(few.next.unwrap().contains("LimitNOFILE=10512"));
    }
}

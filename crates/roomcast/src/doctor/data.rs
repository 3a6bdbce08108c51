//! The data folder: can a node write there, does another one use it, and is there space?

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::finding::{Check, Finding};
use super::udp::bytes;

/// What was learned about the data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) folder: PathBuf,
    /// Whether it is there already.
    pub(super) exists: bool,
    /// Why nothing can be written there, if so.
    pub(super) fault: Option<String>,
    /// Whether a node uses it now.
    pub(super) held: bool,
    /// Whether a node has the port of this configuration.
    pub(super) node_on_port: bool,
    /// Bytes that are free; `None` if the system does not tell.
    pub(super) free: Option<u64>,
}

/// Tries it with a file that is gone afterwards. A folder that is not there is not made.
pub(super) fn gather(folder: &Path, node_on_port: bool) -> Facts {
    let (fault, free) = match nearest(folder) {
        Some(there) => (try_to_write(there).err().map(|error| error.to_string()), free(there)),
        None => (Some("there is no such place".into()), None),
    };
    let held = is_held(folder);
    Facts { folder: folder.into(), exists: folder.exists(), fault, held, node_on_port, free }
}

/// Whether a node uses this folder now.
pub(super) fn is_held(folder: &Path) -> bool {
    let Ok(lock) = File::open(folder.join("lock")) else { return false };
    // Taken for the moment until this returns.
    matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// The folder, or the one in which it would be made.
fn nearest(folder: &Path) -> Option<&Path> {
    folder
        .ancestors()
        .map(|path| if path.as_os_str().is_empty() { Path::new(".") } else { path })
        .find(|path| path.exists())
}

fn try_to_write(folder: &Path) -> io::Result<()> {
    let file = folder.join(format!(".roomcast-doctor-{}", std::process::id()));
    let written = File::create_new(&file).map(drop);
    if written.is_ok() {
        std::fs::remove_file(&file)?;
    }
    written
}

#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let space = rustix::fs::statvfs(folder).ok()?;
    space.f_bavail.checked_mul(space.f_frsize)
}

#[cfg(not(unix))]
fn free(_folder: &Path) -> Option<u64> {
    None
}

/// Whether a node can keep its data there.
pub(super) fn judge_folder(facts: &Facts) -> Finding {
    let check = Check::DataFolder;
    let folder = facts.folder.display();
    if let Some(fault) = &facts.fault {
        return Finding::fault(
            check,
            format!("{folder} cannot be written: {fault}."),
            "Give this user the right to write there, or choose another folder with --data.",
        );
    }
    match (facts.held, facts.node_on_port) {
        (true, true) => Finding::ok(check, format!("{folder} is used by your running node.")),
        (true, false) => Finding::fault(
            check,
            format!("A node uses {folder}, but on another port than this one."),
            "Check that node with the --listen that it has, or choose another folder with --data.",
        ),
        (false, _) if facts.exists => Finding::ok(check, format!("{folder} can be written.")),
        (false, _) => Finding::ok(check, format!("{folder} can be made.")),
    }
}

/// Below this the store cannot even tidy up after itself.
const FAULT_BELOW: u64 = 64 << 20;

/// Rooms and chat take a few kilobytes each; below this something else is filling the disk.
const WARN_BELOW: u64 = 512 << 20;

/// Whether there is space for it.
pub(super) fn judge_space(facts: &Facts) -> Finding {
    let check = Check::FreeSpace;
    let folder = facts.folder.display();
    let advice = "Free some space, or choose a folder on another disk with --data.";
    match facts.free {
        None => Finding::skipped(
            check,
            format!("The system does not tell how much space is free for {folder}."),
            format!("See that {} are free there.", bytes(WARN_BELOW)),
        ),
        Some(free) if free < FAULT_BELOW => Finding::fault(
            check,
            format!("Only {} are free for {folder}: the node cannot keep its rooms.", bytes(free)),
            advice,
        ),
        Some(free) if free < WARN_BELOW => {
            Finding::warning(check, format!("Only {} are free for {folder}.", bytes(free)), advice)
        }
        Some(free) => Finding::ok(check, format!("{} are free for the data folder.", bytes(free))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    fn facts() -> Facts {
        let folder = "/data".into();
        Facts { folder, exists: true, fault: None, held: false, node_on_port: false, free: None }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_a_fault() {
        let fault = Some("permission denied".to_owned());
        let finding = judge_folder(&Facts { fault, ..facts() });
        assert_eq!(finding.status, Status::Fault);
        assert!(finding.next.unwrap().contains("--data"));
    }

    #[test]
    fn a_folder_belongs_to_the_node_on_the_same_port_alone() {
        let held = Facts { held: true, ..facts() };
        assert_eq!(judge_folder(&held).status, Status::Fault);
        assert_eq!(judge_folder(&Facts { node_on_port: true, ..held }).status, Status::Ok);
        assert_eq!(judge_folder(&facts()).status, Status::Ok);
    }

    #[test]
    fn little_space_is_a_warning_and_none_is_a_fault() {
        let status = |free| judge_space(&Facts { free, ..facts() }).status;
        assert_eq!(status(Some(WARN_BELOW)), Status::Ok);
        assert_eq!(status(Some(WARN_BELOW - 1)), Status::Warning);
        assert_eq!(status(Some(FAULT_BELOW - 1)), Status::Fault);
        assert_eq!(status(None), Status::Skipped);
    }

    #[test]
    fn a_folder_is_tried_without_leaving_anything_behind() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a/b");
        let facts = gather(&folder, false);
        assert_eq!((facts.exists, facts.fault, facts.held), (false, None, false));
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
        let file = parent.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(gather(&file.join("data"), false).fault.is_some());
    }

    #[test]
    fn a_locked_folder_is_held() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_held(folder.path()));
        let lock = File::create(folder.path().join("lock")).unwrap();
        assert!(!is_held(folder.path()));
        lock.lock().unwrap();
        assert!(is_held(folder.path()));
    }
}

//! Is the clock right? Certificates, credentials of the relay and the chat depend on it.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::finding::{Check, Finding, System};

/// What was learned about the clock. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) now: i64,
    /// When the file of this program was written.
    pub(super) program: Option<i64>,
    /// How far the clock went off the steady one during the checks, in milliseconds.
    pub(super) jump: i64,
    /// Whether the system says that it keeps the clock right by NTP; `None` if it does not say.
    pub(super) synchronised: Option<bool>,
}

/// The clock, watched from its making to [`Watch::facts`].
#[derive(Debug)]
pub(super) struct Watch {
    steady: Instant,
    wall: SystemTime,
}

impl Watch {
    pub(super) fn start() -> Self {
        Self { steady: Instant::now(), wall: SystemTime::now() }
    }

    pub(super) fn facts(&self) -> Facts {
        let synchronised = asked_of_the_system();
        let (steady, wall) = (Instant::now(), SystemTime::now());
        let elapsed = milliseconds(steady.duration_since(self.steady));
        let shown = match wall.duration_since(self.wall) {
            Ok(forward) => milliseconds(forward),
            Err(back) => -milliseconds(back.duration()),
        };
        let program = std::env::current_exe().and_then(|file| file.metadata()?.modified()).ok();
        Facts {
            now: unix_seconds(wall),
            program: program.map(unix_seconds),
            jump: shown - elapsed,
            synchronised,
        }
    }
}

/// Seconds since 1970; 0 for what was before.
pub(super) fn unix_seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// How long the system may take to answer.
const ANSWER_TIME_LIMIT: Duration = Duration::from_secs(2);

/// How often is looked whether it has answered.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// systemd tells what the kernel knows, whichever program keeps the clock.
fn asked_of_the_system() -> Option<bool> {
    if System::THIS != System::Linux {
        return None;
    }
    let mut child = Command::new("timedatectl")
        .args(["show", "--property=NTPSynchronized", "--value"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let deadline = Instant::now() + ANSWER_TIME_LIMIT;
    while child.try_wait().ok()?.is_none() {
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    let said = child.wait_with_output().ok()?.stdout;
    match said.trim_ascii() {
        b"yes" => Some(true),
        b"no" => Some(false),
        _ => None,
    }
}

/// More than this, in milliseconds, is no drift but someone setting the clock.
const MAX_JUMP: i64 = 1_000;

/// Files that were unpacked, copied or built in another time zone by careless tools.
const DAY_SECONDS: i64 = 86_400;

/// Whether the clock can be relied on.
pub(super) fn judge(facts: &Facts, system: System) -> Finding {
    let check = Check::Clock;
    if facts.program.is_some_and(|program| facts.now < program - DAY_SECONDS) {
        return Finding::fault(
            check,
            "The clock is in the past: this program was written later than now, so certificates and \
             credentials will be refused.",
            set_clock(system),
        );
    }
    if facts.jump.abs() > MAX_JUMP {
        return Finding::warning(
            check,
            format!("The clock jumped by {} ms during the checks.", facts.jump),
            "Let one program alone set the clock, in small steps, and run this again.",
        );
    }
    match facts.synchronised {
        Some(true) => Finding::ok(check, "The clock is plausible and kept right by NTP."),
        Some(false) => Finding::warning(
            check,
            "The clock is plausible, but the system does not keep it right by NTP.",
            set_clock(system),
        ),
        None => Finding::ok(
            check,
            "The clock is plausible; the system does not tell whether NTP keeps it right.",
        ),
    }
}

fn set_clock(system: System) -> &'static str {
    match system {
        System::Linux => "Switch it on with `sudo timedatectl set-ntp true`.",
        System::MacOs => "Switch it on with `sudo systemsetup -setusingnetworktime on`.",
        System::Windows => "Set it with `w32tm /resync` as administrator.",
        System::Other => "Set the clock, best by NTP.",
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    const GOOD: Facts =
        Facts { now: 1_800_000_000, program: None, jump: 3, synchronised: Some(true) };

    fn status(facts: &Facts) -> Status {
        judge(facts, System::Linux).status
    }

    #[test]
    fn a_plausible_clock_is_fine_whether_or_not_the_system_tells_of_ntp() {
        assert_eq!(status(&GOOD), Status::Ok);
        assert_eq!(status(&Facts { synchronised: None, ..GOOD }), Status::Ok);
        assert_eq!(status(&Facts { synchronised: Some(false), ..GOOD }), Status::Warning);
    }

    #[test]
    fn a_clock_behind_the_program_is_a_fault() {
        let behind = Facts { program: Some(GOOD.now + 2 * DAY_SECONDS), ..GOOD };
        assert_eq!(status(&behind), Status::Fault);
        let advice = |system| judge(&behind, system).next.unwrap();
        assert!(advice(System::Linux).contains("timedatectl"));
        assert!(advice(System::Windows).contains("w32tm"));
        assert_eq!(status(&Facts { program: Some(GOOD.now + 60), ..GOOD }), Status::Ok);
    }

    #[test]
    fn a_jump_in_either_direction_is_a_warning() {
        for jump in [5_000, -5_000] {
            assert_eq!(status(&Facts { jump, ..GOOD }), Status::Warning);
        }
    }
}

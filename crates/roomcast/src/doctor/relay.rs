//! The node's own relay, tried as a browser would use it: two allocations, a channel from one to the
//! other, and a datagram through it.

use super::finding::{Check, Finding};

/// How far it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Facts {
    /// Switched off with `--no-turn`; whether another server is named instead.
    Off { external: bool },
    /// No node runs that could be asked.
    NoNode,
    /// The secret from which passwords are made cannot be had.
    NoSecret(String),
    /// A datagram came through it.
    Carried,
    /// It stopped at this step.
    Stopped { step: Step, why: Stopped },
}

/// What a client of the relay does, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Allocate,
    BindChannel,
    Send,
}

/// Why it did not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stopped {
    /// No answer.
    Silent,
    /// An error response (RFC 8489 §14.8).
    Refused(u16),
    /// An answer that is none.
    Meaningless,
    /// The system refused, in its words.
    System(String),
}

/// Whether people in strict networks can be helped.
pub(super) fn judge(facts: &Facts) -> Finding {
    let check = Check::Relay;
    match facts {
        Facts::Carried => Finding::ok(
            check,
            "The relay carries: two allocations exchanged a datagram through the node's one port.",
        ),
        Facts::Off { external: true } => {
            Finding::ok(check, "The node does not relay; browsers are told another server.")
        }
        Facts::Off { external: false } => Finding::warning(
            check,
            "The node does not relay, so people in strict networks cannot connect to each other.",
            "Leave out --no-turn, or name another server with --ice-server.",
        ),
        Facts::NoNode => Finding::skipped(
            check,
            "No node runs here that could be asked to relay.",
            "Start the node, then run this again.",
        ),
        Facts::NoSecret(fault) => Finding::skipped(
            check,
            format!("The secret of the relay cannot be read: {fault}."),
            "Run this as the user of the node, or give the --turn-secret that the node has.",
        ),
        Facts::Stopped { step, why } => {
            Finding::fault(check, stopped(*step, why), advice(*step, why))
        }
    }
}

fn stopped(step: Step, why: &Stopped) -> String {
    let what = match step {
        Step::Allocate => "gives no allocation",
        Step::BindChannel => "binds no channel to an address of its own",
        Step::Send => "loses what is sent through a channel",
    };
    match why {
        Stopped::Silent => format!("The relay {what}: no answer."),
        Stopped::Meaningless => format!("The relay {what}: its answer means nothing."),
        Stopped::Refused(code) => format!("The relay {what}: error {code}."),
        Stopped::System(fault) => format!("The relay {what}: {fault}."),
    }
}

fn advice(step: Step, why: &Stopped) -> &'static str {
    match (step, why) {
        (Step::Allocate, Stopped::Refused(UNAUTHORIZED)) => {
            "Give the --turn-secret and --data that the node has; if it has them, compare the clocks."
        }
        (Step::Allocate, Stopped::Refused(QUOTA_REACHED)) => {
            "Wait until allocations end, or raise --turn-quota."
        }
        (Step::BindChannel, Stopped::Refused(FORBIDDEN)) => {
            "Look whether --turn-deny-peer names an address of this machine."
        }
        _ => "Look into the log of the node, with ROOMCAST_LOG=debug.",
    }
}

const UNAUTHORIZED: u16 = 401;
const FORBIDDEN: u16 = 403;
const QUOTA_REACHED: u16 = 486;

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    fn status(facts: &Facts) -> Status {
        judge(facts).status
    }

    #[test]
    fn a_relay_that_carries_is_fine_and_so_is_another_server_instead() {
        assert_eq!(status(&Facts::Carried), Status::Ok);
        assert_eq!(status(&Facts::Off { external: true }), Status::Ok);
        assert_eq!(status(&Facts::Off { external: false }), Status::Warning);
    }

    #[test]
    fn what_cannot_be_asked_is_no_fault() {
        assert_eq!(status(&Facts::NoNode), Status::Skipped);
        assert_eq!(status(&Facts::NoSecret("permission denied".into())), Status::Skipped);
    }

    #[test]
    fn each_step_that_fails_is_a_fault_with_its_own_advice() {
        let stopped = |step, why| judge(&Facts::Stopped { step, why });
        let wrong_secret = stopped(Step::Allocate, Stopped::Refused(UNAUTHORIZED));
        assert_eq!(wrong_secret.status, Status::Fault);
        assert!(wrong_secret.next.unwrap().contains("--turn-secret"));
        let denied = stopped(Step::BindChannel, Stopped::Refused(FORBIDDEN));
        assert!(denied.next.unwrap().contains("--turn-deny-peer"));
        let silent = stopped(Step::Send, Stopped::Silent);
        assert!(silent.meaning.contains("loses") && silent.meaning.ends_with("no answer."));
    }
}

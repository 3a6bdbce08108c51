//! The runs have a network of their own: nothing else is on it, no firewall looks at it, and it has an
//! address that is not loopback, which some servers want (Janus leaves loopback out).

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

/// The address beside 127.0.0.1. Packets to it take the same way through the kernel.
pub(super) const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 77, 0, 1));

/// The interface that has it.
pub(super) const INTERFACE: &str = "peers0";

/// Whether this process is the one that was started inside, with this plan.
pub(super) fn plan() -> Option<std::path::PathBuf> {
    std::env::var_os(PLAN).map(Into::into)
}

/// Whether this user may make a network; as root in its own right, or as root of a namespace.
pub(super) fn is_possible() -> bool {
    let mut attempt = unshare();
    attempt.args(["ip", "link", "set", "lo", "up"]).stdout(Stdio::null()).stderr(Stdio::null());
    attempt.status().is_ok_and(|status| status.success())
}

/// Starts this program again inside, with the same arguments, and waits for it.
pub(super) fn repeat(plan: &Path) -> anyhow::Result<()> {
    let mut command = unshare();
    command.arg(std::env::current_exe()?).args(std::env::args_os().skip(1)).env(PLAN, plan);
    let status = command.status().context("unshare")?;
    ensure!(status.success(), "the runs ended with {status}");
    Ok(())
}

/// Makes the network ready, once this process is inside.
pub(super) fn furnish() -> anyhow::Result<()> {
    let address = format!("{ADDRESS}/24");
    for line in [
        "link set lo up",
        &format!("link add {INTERFACE} type veth peer name peers1"),
        &format!("address add {address} dev {INTERFACE}"),
        &format!("link set {INTERFACE} up"),
        "link set peers1 up",
    ] {
        let status = Command::new("ip").args(line.split(' ')).status().context("there is no ip")?;
        ensure!(status.success(), "ip {line} failed");
    }
    Ok(())
}

/// What is behind it runs inside, and ends with this process.
fn unshare() -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "unshare", "--user", "--map-root-user", "--net"]);
    command
}

/// Names the file with the programs, for the process inside.
const PLAN: &str = "ROOMCAST_BENCH_PEERS_PLAN";

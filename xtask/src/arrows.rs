//! Who may import whom. Everything that is not listed is forbidden: a new arrow is a decision.

use crate::Report;
use crate::tree::Package;

/// Each crate, and the crates of this workspace that it may import. In tests as well.
const ARROWS: [(&str, &[&str]); 12] = [
    ("roomcast-protocol", &[]),
    ("roomcast-room", &["roomcast-protocol"]),
    ("roomcast-fanout", &[]),
    ("roomcast-dtls", &[]),
    ("roomcast-sfu", &["roomcast-dtls", "roomcast-fanout"]),
    ("roomcast-net", &[]),
    ("roomcast-turn", &[]),
    ("roomcast-engine", &["roomcast-net", "roomcast-sfu", "roomcast-turn"]),
    ("roomcast-load", &["roomcast-dtls", "roomcast-net", "roomcast-protocol"]),
    ("roomcast-lab", &[]),
    (
        "roomcast",
        &[
            "roomcast-engine",
            "roomcast-load",
            "roomcast-net",
            "roomcast-protocol",
            "roomcast-room",
            "roomcast-turn",
        ],
    ),
    ("xtask", &[]),
];

/// Libraries that only some crates may know, and why.
const KEPT_APART: [(&str, &[&str], &str); 5] = [
    ("str0m", &["roomcast-dtls", "roomcast-sfu", "roomcast-load"], "its API breaks monthly"),
    ("dimpl", &["roomcast-dtls"], "its API breaks monthly"),
    ("str0m-aws-lc-rs", &["roomcast-dtls"], "its API breaks monthly"),
    ("quinn-udp", &["roomcast-net"], "sockets differ between platforms in one place"),
    ("rusqlite", &["roomcast"], "what is durable lies behind the store"),
];

/// Libraries that a pure crate must not know: they bring a clock, a thread or a socket with them.
const SHELL_ONLY: [&str; 8] =
    ["axum", "getrandom", "hyper", "mio", "quinn-udp", "rand", "socket2", "tokio"];

/// The pure crates: values in, values out.
pub(crate) const PURE: [&str; 5] =
    ["roomcast-fanout", "roomcast-protocol", "roomcast-room", "roomcast-sfu", "roomcast-turn"];

pub(crate) fn check(packages: &[Package], report: &mut Report) {
    for package in packages {
        let allowed = ARROWS.iter().find(|(name, _)| *name == package.name);
        match allowed {
            None => report.faults.push(format!(
                "{}: a new crate; give it a line in xtask/src/arrows.rs and in docs/ARCHITECTURE.md",
                package.name
            )),
            Some((_, allowed)) => check_arrows(package, allowed, packages, report),
        }
        check_libraries(package, report);
    }
    for (name, _) in ARROWS {
        if packages.iter().all(|package| package.name != name) {
            report.faults.push(format!("{name}: listed in xtask/src/arrows.rs, but not there"));
        }
    }
}

fn check_arrows(package: &Package, allowed: &[&str], packages: &[Package], report: &mut Report) {
    let imported = package.dependencies.iter().chain(&package.dev_dependencies);
    for name in imported.filter(|name| packages.iter().any(|other| other.name == **name)) {
        if !allowed.contains(&name.as_str()) {
            report.faults.push(format!("{}: must not import {name}", package.name));
        }
    }
}

fn check_libraries(package: &Package, report: &mut Report) {
    for name in &package.dependencies {
        for (library, allowed, why) in KEPT_APART {
            if name == library && !allowed.contains(&package.name.as_str()) {
                report.faults.push(format!("{}: must not know {library}: {why}", package.name));
            }
        }
        if PURE.contains(&package.name.as_str()) && SHELL_ONLY.contains(&name.as_str()) {
            report.faults.push(format!("{}: is pure and must not know {name}", package.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house() -> Vec<Package> {
        let package = |(name, arrows): (&str, &[&str])| Package {
            name: name.to_owned(),
            dependencies: arrows.iter().map(ToString::to_string).collect(),
            dev_dependencies: Vec::new(),
        };
        ARROWS.into_iter().map(package).collect()
    }

    fn faults(packages: &[Package]) -> Vec<String> {
        let mut report = Report::default();
        check(packages, &mut report);
        report.faults
    }

    #[test]
    fn the_listed_arrows_are_allowed() {
        assert_eq!(faults(&house()), Vec::<String>::new());
    }

    #[test]
    fn a_new_arrow_is_a_fault_also_in_tests() {
        for for_tests in [false, true] {
            let mut house = house();
            let room = house.iter_mut().find(|package| package.name == "roomcast-room").unwrap();
            let list = if for_tests { &mut room.dev_dependencies } else { &mut room.dependencies };
            list.push("roomcast-sfu".into());
            assert_eq!(faults(&house), ["roomcast-room: must not import roomcast-sfu"]);
        }
    }

    #[test]
    fn a_library_in_the_wrong_crate_is_a_fault() {
        let mut house = house();
        house[0].dependencies.extend(["str0m".into(), "tokio".into()]);
        assert_eq!(faults(&house).len(), 2);
    }

    #[test]
    fn a_crate_that_is_not_listed_is_a_fault() {
        let mut house = house();
        house[0].name = "roomcast-new".into();
        assert_eq!(faults(&house).len(), 2);
    }
}

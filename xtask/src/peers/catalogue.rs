//! Who is measured, in which version, and where it comes from.

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer {
    /// As it is named on the command line.
    pub(super) name: &'static str,
    /// As it is named in the table.
    pub(super) title: &'static str,
    pub(super) source: Source,
}

/// Where a program comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// This repository, by these arguments of `cargo build`; the program lies there below the
    /// target folder.
    Here { arguments: &'static [&'static str], program: &'static str },
    /// The Go module proxy.
    Go(Module),
    /// Debian, or what is made from it.
    Debian { package: &'static str, program: &'static str },
}

/// A version of a Go module, and what is built of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Module {
    pub(super) path: &'static str,
    /// As `go mod download` wants it: where there are no releases, of a commit.
    pub(super) version: &'static str,
    /// The package of the program, from the root of the module.
    pub(super) package: &'static str,
    /// Files that its authors generate before they build, and what they may hold instead: the proxy
    /// has what is in the repository and nothing else.
    pub(super) generated: &'static [(&'static str, &'static str)],
}

/// What the load generator is called among the programs.
pub(super) const LOAD: &str = "load";

const ROOMCAST: Source =
    Source::Here { arguments: &["--package", "roomcast"], program: "release/roomcast" };

const FLOOR: Source = Source::Here {
    arguments: &["--package", "roomcast-load", "--example", "floor"],
    program: "release/examples/floor",
};

/// Everyone, in the order of the table. Pinned, so that the table of another day is about the same.
pub(super) const PEERS: [Peer; 8] = [
    Peer { name: "roomcast", title: "Roomcast", source: ROOMCAST },
    Peer {
        name: "mediamtx",
        title: "MediaMTX",
        source: Source::Go(Module {
            path: "github.com/bluenviron/mediamtx",
            version: "v1.20.1",
            package: ".",
            generated: &[
                ("internal/core/VERSION", "v1.20.1"),
                ("internal/servers/hls/hls.min.js", "// No HLS is measured."),
            ],
        }),
    },
    Peer {
        name: "broadcast-box",
        title: "Broadcast Box",
        source: Source::Go(Module {
            path: "github.com/glimesh/broadcast-box",
            version: "v0.0.0-20260803125439-9f43de20e802",
            package: ".",
            generated: &[],
        }),
    },
    Peer {
        // Newer ones (1.13) replace parts of Pion by forks that not every module proxy has.
        name: "livekit",
        title: "LiveKit",
        source: Source::Go(Module {
            path: "github.com/livekit/livekit-server",
            version: "v1.9.12",
            package: "./cmd/server",
            generated: &[],
        }),
    },
    Peer {
        name: "janus",
        title: "Janus",
        source: Source::Debian { package: "janus", program: "/usr/bin/janus" },
    },
    Peer { name: "floor-sendto", title: "bare loop, `sendto`", source: FLOOR },
    Peer { name: "floor-gso", title: "bare loop, GSO", source: FLOOR },
    Peer { name: "floor-picture", title: "bare loop, GSO, a picture a call", source: FLOOR },
];

impl Peer {
    pub(super) fn named(name: &str) -> Option<Self> {
        PEERS.into_iter().find(|peer| peer.name == name)
    }

    /// The way in which a bare loop sends; none for a server.
    pub(super) fn floor(&self) -> Option<&'static str> {
        match self.name {
            "floor-sendto" => Some("sendto"),
            "floor-gso" => Some("gso"),
            "floor-picture" => Some("gso-picture"),
            _ => None,
        }
    }
}

/// The program that makes the load: this repository's own.
pub(super) const LOAD_SOURCE: Source = ROOMCAST;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_and_every_floor_has_its_way() {
        for (index, peer) in PEERS.iter().enumerate() {
            assert!(PEERS[..index].iter().all(|before| before.name != peer.name), "{}", peer.name);
            assert_eq!(peer.floor().is_some(), peer.name.starts_with("floor"), "{}", peer.name);
            assert_ne!(peer.name, LOAD);
        }
    }
}

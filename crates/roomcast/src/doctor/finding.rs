//! What a check says: its stable id, how bad it is, what it means, and what to do next.

use serde::Serialize;

/// The checks, in the order in which they are told. `docs/DOCTOR.md` is their manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Check {
    TcpPort,
    UdpPort,
    OwnAddressesTcp,
    OwnAddressesUdp,
    PublicAddress,
    ExternalAddress,
    Relay,
    UdpBuffers,
    UdpOffload,
    Certificate,
    Clock,
    OpenFiles,
    DataFolder,
    FreeSpace,
}

impl Check {
    /// As it stands in the output; never changed once released.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::TcpPort => "tcp-port",
            Self::UdpPort => "udp-port",
            Self::OwnAddressesTcp => "own-addresses-tcp",
            Self::OwnAddressesUdp => "own-addresses-udp",
            Self::PublicAddress => "public-address",
            Self::ExternalAddress => "external-address",
            Self::Relay => "relay",
            Self::UdpBuffers => "udp-buffers",
            Self::UdpOffload => "udp-offload",
            Self::Certificate => "certificate",
            Self::Clock => "clock",
            Self::OpenFiles => "open-files",
            Self::DataFolder => "data-folder",
            Self::FreeSpace => "free-space",
        }
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Status {
    /// Nothing to do.
    Ok,
    /// It works, but worse or not for everyone.
    Warning,
    /// The node cannot start, or people cannot reach it.
    Fault,
    /// It could not be looked at; `meaning` says why.
    Skipped,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Fault => "fault",
            Self::Skipped => "skipped",
        }
    }
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    #[serde(rename = "id")]
    pub(super) check: Check,
    pub(super) status: Status,
    /// What was found and what it means, in one sentence.
    pub(super) meaning: String,
    /// What to do, in one sentence; with a command where there is one.
    pub(super) next: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: Check, meaning: impl Into<String>) -> Self {
        Self { check, status: Status::Ok, meaning: meaning.into(), next: None }
    }

    pub(super) fn warning(
        check: Check,
        meaning: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        let next = Some(next.into());
        Self { check, status: Status::Warning, meaning: meaning.into(), next }
    }

    pub(super) fn fault(check: Check, meaning: impl Into<String>, next: impl Into<String>) -> Self {
        Self { check, status: Status::Fault, meaning: meaning.into(), next: Some(next.into()) }
    }

    pub(super) fn skipped(
        check: Check,
        meaning: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        let next = Some(next.into());
        Self { check, status: Status::Skipped, meaning: meaning.into(), next }
    }
}

/// The system, as far as commands differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    Linux,
    MacOs,
    Windows,
    Other,
}

impl System {
    /// The one that this program was built for.
    pub(super) const THIS: Self = if cfg!(target_os = "linux") {
        Self::Linux
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else if cfg!(windows) {
        Self::Windows
    } else {
        Self::Other
    };
}

/// One of the two halves of the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }

    /// As command lines spell it.
    pub(super) fn flag(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

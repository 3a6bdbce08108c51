//! The certificate: is it there, does its key fit, whom does it name, and until when?

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::finding::{Check, Finding};
use super::reach::listed;
use crate::config::{Config, TlsFiles};
use crate::tls;

/// What was learned about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    /// Where it is, or will be.
    pub(super) file: PathBuf,
    /// Whether the node made it itself.
    pub(super) made: bool,
    /// Seconds since 1970.
    pub(super) now: i64,
    /// Under what the node is reached from outside.
    pub(super) public_addresses: Vec<String>,
    pub(super) found: Found,
}

/// What is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// None yet.
    Nothing,
    /// Files that cannot be used, and why.
    Unusable(String),
    /// A certificate with its key.
    Usable(Contents),
}

/// What stands in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) names: Vec<String>,
    /// Seconds since 1970, both.
    pub(super) valid_from: i64,
    pub(super) valid_until: i64,
}

/// Reads the certificate as a node with this configuration would, and makes none.
pub(super) fn gather(config: &Config, now: i64) -> Facts {
    let made = config.tls.is_none();
    let files = config.tls.clone().unwrap_or_else(|| tls::made_files(&config.data));
    let nothing = made && !files.cert.exists() && !files.key.exists();
    let found = if nothing { Found::Nothing } else { read(&files) };
    Facts { file: files.cert, made, now, public_addresses: config.public_addresses.clone(), found }
}

fn read(files: &TlsFiles) -> Found {
    if let Err(error) = tls::acceptor(Some(files), Path::new(""), Vec::new()) {
        return Found::Unusable(error.to_string());
    }
    let contents = CertificateDer::from_pem_file(&files.cert)
        .map_err(|error| error.to_string())
        .and_then(|der| contents(&der).map_err(|error| error.to_string()));
    contents.map_or_else(Found::Unusable, Found::Usable)
}

fn contents(der: &[u8]) -> Result<Contents, x509_cert::der::Error> {
    let certificate = x509_cert::Certificate::from_der(der)?;
    let inner = certificate.tbs_certificate();
    let names = inner.get_extension::<SubjectAltName>()?.map(|(_, names)| names.0);
    let seconds = |time: x509_cert::time::Time| {
        i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
    };
    Ok(Contents {
        names: names.unwrap_or_default().iter().filter_map(text).collect(),
        valid_from: seconds(inner.validity().not_before),
        valid_until: seconds(inner.validity().not_after),
    })
}

fn text(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.as_str().to_owned()),
        GeneralName::IpAddress(bytes) => {
            let bytes = bytes.as_bytes();
            let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
                .ok()
                .map(|ip| ip.to_string())
        }
        _ => None,
    }
}

const DAY_SECONDS: i64 = 86_400;

/// From here on it is time to renew. Public certificates are renewed with a third of their life
/// left, which is about this for the shortest-lived common ones.
const WARN_DAYS: i64 = 14;

/// Whether browsers can come by HTTPS.
pub(super) fn judge(facts: &Facts) -> Finding {
    match &facts.found {
        Found::Nothing => {
            warned_by_browsers(facts, "A certificate will be made at the first start")
        }
        Found::Unusable(fault) => unusable(facts, fault),
        Found::Usable(contents) => {
            validity(facts, contents).unwrap_or_else(|| names(facts, contents))
        }
    }
}

fn unusable(facts: &Facts, fault: &str) -> Finding {
    let next = if facts.made {
        "Delete the folder `tls` in the data folder; a new certificate is made at the next start."
    } else {
        "Name a matching pair of PEM files with --tls-cert and --tls-key, or leave both out."
    };
    Finding::fault(Check::Certificate, format!("The node cannot start: {fault}."), next)
}

/// What is wrong with the time, if something is.
fn validity(facts: &Facts, contents: &Contents) -> Option<Finding> {
    let (check, file) = (Check::Certificate, facts.file.display());
    let days = days_left(facts, contents);
    if contents.valid_from > facts.now {
        return Some(Finding::fault(
            check,
            format!("{file} is not valid yet: it begins in the future."),
            "Set the clock of this machine, or use another certificate.",
        ));
    }
    if days < 0 {
        let meaning = format!("{file} has expired: browsers refuse it.");
        return Some(Finding::fault(check, meaning, renew(facts)));
    }
    let meaning = format!("{file} expires in {days} days.");
    (days < WARN_DAYS).then(|| Finding::warning(check, meaning, renew(facts)))
}

fn days_left(facts: &Facts, contents: &Contents) -> i64 {
    (contents.valid_until - facts.now).div_euclid(DAY_SECONDS)
}

fn renew(facts: &Facts) -> String {
    if facts.made {
        return "Start the node anew, which makes a new one.".into();
    }
    format!("Renew {}, then start the node anew.", facts.file.display())
}

/// Whether every public address is named.
fn names(facts: &Facts, contents: &Contents) -> Finding {
    let file = facts.file.display();
    let is_named = |address: &&String| contents.names.iter().any(|name| covers(name, address));
    let missing: Vec<String> =
        facts.public_addresses.iter().filter(|address| !is_named(address)).cloned().collect();
    if missing.is_empty() {
        let names = names_for_a_person(&contents.names);
        let days = days_left(facts, contents);
        let meaning = format!("{file} is good for {days} days and names {names}");
        return warned_by_browsers(facts, &meaning);
    }
    let advice = if facts.made { renew(facts) } else { "Get a certificate that names it.".into() };
    let meaning = format!("{file} does not name {}, so browsers warn there.", listed(missing));
    Finding::warning(Check::Certificate, meaning, advice)
}

/// A certificate that the node makes is nobody's whom browsers trust. On a local network that is as
/// it must be; in public it need not.
fn warned_by_browsers(facts: &Facts, meaning: &str) -> Finding {
    let check = Check::Certificate;
    if !facts.made {
        return Finding::ok(check, format!("{meaning}."));
    }
    let meaning = format!("{meaning}; browsers warn once, because the node makes it itself.");
    if facts.public_addresses.is_empty() {
        return Finding::ok(check, meaning);
    }
    Finding::warning(
        check,
        meaning,
        "Get one for your public name, for example with certbot, and give it with --tls-cert and \
         --tls-key.",
    )
}

fn names_for_a_person(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let mut shown: Vec<String> = names.iter().take(SHOWN).cloned().collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    if shown.is_empty() { "nobody".into() } else { listed(shown) }
}

/// Whether a name in a certificate stands for this address. A star stands for one label
/// (RFC 9525 §6.3).
fn covers(name: &str, address: &str) -> bool {
    if let (Ok(name), Ok(address)) = (name.parse::<IpAddr>(), address.parse::<IpAddr>()) {
        return name == address;
    }
    let label_and_rest = address.split_once('.').map(|(_, rest)| rest);
    match name.strip_prefix("*.") {
        Some(rest) => label_and_rest.is_some_and(|address| address.eq_ignore_ascii_case(rest)),
        None => name.eq_ignore_ascii_case(address),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn facts(made: bool, names: &[&str], days: i64, public: &[&str]) -> Facts {
        let contents = Contents {
            names: names.iter().map(ToString::to_string).collect(),
            valid_from: NOW - DAY_SECONDS,
            valid_until: NOW + days * DAY_SECONDS,
        };
        Facts {
            file: "c.pem".into(),
            made,
            now: NOW,
            public_addresses: public.iter().map(ToString::to_string).collect(),
            found: Found::Usable(contents),
        }
    }

    #[test]
    fn the_days_that_are_left_decide() {
        let status = |days| judge(&facts(false, &["a.org"], days, &[])).status;
        assert_eq!(status(30), Status::Ok);
        assert_eq!(status(13), Status::Warning);
        assert_eq!(status(-1), Status::Fault);
    }

    #[test]
    fn a_certificate_of_the_future_is_a_fault() {
        let mut facts = facts(false, &["a.org"], 30, &[]);
        facts.now = NOW - 2 * DAY_SECONDS;
        assert!(judge(&facts).next.unwrap().contains("clock"));
    }

    #[test]
    fn every_public_address_has_to_be_named() {
        let named = facts(
            false,
            &["live.example.org", "192.0.2.1"],
            30,
            &["LIVE.example.org", "192.0.2.1"],
        );
        assert_eq!(judge(&named).status, Status::Ok);
        let star = |public| judge(&facts(false, &["*.example.org"], 30, &[public])).status;
        assert_eq!(star("live.example.org"), Status::Ok);
        assert_eq!(star("a.live.example.org"), Status::Warning);
        assert_eq!(star("example.org"), Status::Warning);
    }

    #[test]
    fn a_made_certificate_is_fine_at_home_and_a_warning_in_public() {
        assert_eq!(judge(&facts(true, &["localhost"], 90, &[])).status, Status::Ok);
        assert_eq!(judge(&facts(true, &["a.org"], 90, &["a.org"])).status, Status::Warning);
        let nothing = Facts { found: Found::Nothing, ..facts(true, &[], 0, &[]) };
        assert_eq!(judge(&nothing).status, Status::Ok);
    }

    #[test]
    fn files_that_cannot_be_used_are_a_fault_with_a_way_out() {
        let unusable =
            |made| Facts { found: Found::Unusable("bad".into()), ..facts(made, &[], 0, &[]) };
        assert!(judge(&unusable(false)).next.unwrap().contains("--tls-cert"));
        assert!(judge(&unusable(true)).next.unwrap().contains("Delete the folder `tls`"));
    }

    #[test]
    fn a_made_certificate_is_read_as_it_was_made() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data: folder.path().to_owned(), ..Config::default() };
        assert_eq!(gather(&config, NOW).found, Found::Nothing);
        tls::acceptor(None, folder.path(), vec!["localhost".into(), "192.0.2.1".into()]).unwrap();
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let a_minute_later = now + 60;
        let facts = gather(&config, a_minute_later);
        assert!(
            judge(&facts).meaning.contains("395 days and names localhost and 192.0.2.1"),
            "{facts:?}"
        );
    }

    #[test]
    fn a_key_of_another_certificate_is_found() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for folder in [&one, &other] {
            tls::acceptor(None, folder.path(), vec!["localhost".into()]).unwrap();
        }
        let key = "tls/key.pem";
        std::fs::copy(other.path().join(key), one.path().join(key)).unwrap();
        let config = Config { data: one.path().to_owned(), ..Config::default() };
        assert!(matches!(gather(&config, NOW).found, Found::Unusable(_)));
    }
}

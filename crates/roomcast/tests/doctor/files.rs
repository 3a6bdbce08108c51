//! Certificates and folders.

use std::path::Path;

use rcgen::{CertificateParams, KeyPair};
use time::{Duration, OffsetDateTime};

use crate::program::{Found, examined, free_address};

/// Writes a certificate that has so many days left, and asks about it.
fn examined_with_certificate(folder: &Path, days: i64, cert: Option<&str>) -> Found {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["live.example.org".into()]).unwrap();
    params.not_before = OffsetDateTime::now_utc() - Duration::days(100);
    params.not_after = OffsetDateTime::now_utc() + Duration::days(days) + Duration::hours(1);
    let (cert_file, key_file) = (folder.join("mine.pem"), folder.join("mine.key"));
    let pem = params.self_signed(&key).unwrap().pem();
    std::fs::write(&cert_file, cert.unwrap_or(&pem)).unwrap();
    std::fs::write(&key_file, key.serialize_pem()).unwrap();
    let (cert, key) = (cert_file.to_str().unwrap(), key_file.to_str().unwrap());
    examined(free_address(), &folder.join("data"), &["--tls-cert", cert, "--tls-key", key])
}

#[test]
fn a_good_certificate_is_told_with_its_days_and_names() {
    let folder = tempfile::tempdir().unwrap();
    let found = examined_with_certificate(folder.path(), 60, None);
    assert_eq!(found.status("certificate"), "ok");
    let meaning = found.meaning("certificate");
    assert!(meaning.contains("60 days and names live.example.org"), "{meaning}");
}

#[test]
fn an_expired_certificate_is_a_fault_and_one_that_soon_expires_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let expired = examined_with_certificate(folder.path(), -2, None);
    assert_eq!(expired.of_status("fault"), ["certificate"]);
    let soon = examined_with_certificate(folder.path(), 3, None);
    assert_eq!((soon.status("certificate"), soon.code), ("warning", Some(0)));
    assert!(soon.meaning("certificate").contains("expires in 3 days"));
}

#[test]
fn a_broken_certificate_is_a_fault_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let found = examined_with_certificate(folder.path(), 60, Some("nonsense"));
    assert_eq!((found.of_status("fault"), found.code), (vec!["certificate"], Some(1)));
    assert!(found.meaning("certificate").contains("mine.pem"));
    assert!(found.next("certificate").contains("--tls-cert"));
}

#[test]
fn a_data_folder_that_cannot_be_made_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let found = examined(free_address(), &file.join("data"), &[]);
    assert_eq!((found.of_status("fault"), found.code), (vec!["data-folder"], Some(1)));
    assert!(found.next("data-folder").contains("--data"));
}

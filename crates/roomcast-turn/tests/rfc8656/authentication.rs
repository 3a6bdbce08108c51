//! RFC 8489 §9.2 and RFC 8656 §5: who asks.

use roomcast_turn::{Input, RefusedCause};

use crate::lab::*;
use crate::wire::*;

#[test]
fn a_request_without_credentials_is_challenged_in_sixty_bytes() {
    let mut lab = Lab::new();
    let request = Browser::allocate_request(&mut lab);
    let reply = lab.ask(udp(1), &request).unwrap();
    assert_eq!(reply.code(), 401);
    assert_eq!(reply.text(REALM), REALM_OF_LAB);
    assert_eq!(reply.bytes.len(), 60);
    assert!(lab.server.is_empty());
}

#[test]
fn an_answer_to_a_stranger_is_not_longer_than_a_request_of_sixty_bytes_or_more() {
    let mut lab = Lab::new();
    for padding in 0..40 {
        let request = Browser::allocate_request(&mut lab).with(0x8022, &vec![b'x'; padding * 4]);
        let request = request.fingerprinted();
        let reply = lab.ask(udp(1), &request).unwrap();
        assert!(reply.bytes.len() <= request.bytes.len().max(60), "{padding}");
    }
}

#[test]
fn password_algorithms_are_offered_where_there_is_room_and_the_nonce_says_so() {
    let mut lab = Lab::new();
    let long = Browser::allocate_request(&mut lab).with(0x8022, &[b'x'; 64]);
    let reply = lab.ask(udp(1), &long).unwrap();
    assert!(reply.text(NONCE).starts_with("obMatJos2gAAA"));
    assert_eq!(reply.get(PASSWORD_ALGORITHMS), Some([0, 2, 0, 0, 0, 1, 0, 0].as_slice()));
    let short = Browser::allocate_request(&mut lab);
    let reply = lab.ask(udp(1), &short).unwrap();
    assert!(!reply.text(NONCE).starts_with("obMatJos2"));
    assert_eq!(reply.get(PASSWORD_ALGORITHMS), None);
    let stream = stream(&mut lab, 1);
    let reply = lab.ask(stream, &short).unwrap();
    assert!(reply.text(NONCE).starts_with("obMatJos2"));
}

#[test]
fn a_request_with_sha256_is_answered_with_sha256() {
    let mut lab = Lab::new();
    let mut browser = Browser { sha256: true, ..Browser::new(1) };
    let request = Browser::allocate_request(&mut lab);
    let reply = browser.ask(&mut lab, request);
    assert_eq!(reply.code(), 0);
    let (kind, mac) = reply.attributes.last().unwrap();
    assert_eq!((*kind, mac.len()), (MESSAGE_INTEGRITY_SHA256, 32));
    assert_eq!(reply.get(MESSAGE_INTEGRITY), None);
    let without = Draft { bytes: reply.bytes[..reply.bytes.len() - 36].to_vec() };
    let expected = without.signed(&browser.username, REALM_OF_LAB, &browser.password, true);
    assert_eq!(reply.bytes, expected.bytes);
}

#[test]
fn an_answer_to_a_user_is_signed_with_the_key_of_the_request() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    let request = Browser::allocate_request(&mut lab);
    let reply = browser.ask(&mut lab, request);
    let without = Draft { bytes: reply.bytes[..reply.bytes.len() - 24].to_vec() };
    let expected = without.signed(&browser.username, REALM_OF_LAB, &browser.password, false);
    assert_eq!(reply.bytes, expected.bytes);
    let error = browser.bind(&mut lab, 1, address(NODE));
    assert_eq!((error.code(), error.attributes.last().unwrap().0), (400, MESSAGE_INTEGRITY));
}

#[test]
fn half_of_the_password_algorithms_gets_400() {
    let mut lab = Lab::new();
    for (kind, value) in
        [(PASSWORD_ALGORITHMS, &[0, 2, 0, 0, 0, 1, 0, 0][..]), (PASSWORD_ALGORITHM, &[0, 1, 0, 0])]
    {
        let request = Browser::allocate_request(&mut lab).with(kind, value);
        assert_eq!(Browser::new(1).ask(&mut lab, request).code(), 400);
    }
    let weakened = Browser::allocate_request(&mut lab)
        .with(PASSWORD_ALGORITHMS, &[0, 1, 0, 0])
        .with(PASSWORD_ALGORITHM, &[0, 1, 0, 0]);
    assert_eq!(Browser::new(1).ask(&mut lab, weakened).code(), 400);
}

#[test]
fn a_signed_request_without_user_realm_or_nonce_gets_400() {
    let mut lab = Lab::new();
    let all = [(USERNAME, "1:a"), (REALM, REALM_OF_LAB), (NONCE, "x")];
    for missing in 0..all.len() {
        let mut request = Browser::allocate_request(&mut lab);
        for (at, (kind, value)) in all.iter().enumerate() {
            if at != missing {
                request = request.with(*kind, value.as_bytes());
            }
        }
        let request = request.signed("1:a", REALM_OF_LAB, "x", false);
        assert_eq!(lab.ask(udp(1), &request).unwrap().code(), 400);
    }
}

#[test]
fn wrong_password_wrong_realm_and_users_without_a_time_get_401() {
    let mut lab = Lab::new();
    let browser = Browser::new(1);
    let wrong = [
        Browser { password: "guess".into(), ..browser.clone() },
        Browser { username: "notatime:alice".into(), ..browser.clone() },
        Browser { username: format!("{}:mallory", UNIX + 3_600), ..browser },
    ];
    for mut wrong in wrong {
        let request = Browser::allocate_request(&mut lab);
        assert_eq!(wrong.ask(&mut lab, request).code(), 401);
    }
    assert_eq!(lab.refusals(), [RefusedCause::WrongCredentials; 3]);
    assert_eq!(lab.server.counters().unauthorized, 3);
    assert!(lab.server.is_empty());
}

#[test]
fn an_expired_user_gets_401_but_what_is_allocated_stays() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    browser.refresh(&mut lab, 3_600);
    lab.wait(seconds(3_599));
    browser.nonce.clear();
    browser.refresh(&mut lab, 3_600);
    lab.wait(seconds(60));
    assert_eq!(browser.refresh(&mut lab, 3_600).code(), 0);
    assert_eq!(browser.permit(&mut lab, address(NODE)).code(), 0);
    assert_eq!(browser.bind(&mut lab, 0x4000, address(NODE)).code(), 0);
    let request = Browser::allocate_request(&mut lab);
    assert_eq!(Browser::new(2).ask(&mut lab, request).code(), 401);
    assert_eq!(lab.refusals(), [RefusedCause::ExpiredUser]);
}

#[test]
fn the_wall_clock_can_be_set() {
    let mut lab = Lab::with(|config| config.started.1 = 60);
    lab.handle(Input::Clock { unix_seconds: UNIX + 3_601 });
    let request = Browser::allocate_request(&mut lab);
    assert_eq!(Browser::new(1).ask(&mut lab, request).code(), 401);
}

#[test]
fn a_nonce_that_is_old_or_another_clients_gets_438_and_a_new_one() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    browser.refresh(&mut lab, 3_600);
    lab.wait(seconds(3_599));
    assert_eq!(browser.refresh(&mut lab, 3_600).code(), 0);
    lab.wait(seconds(2));
    let stale = browser.refresh(&mut lab, 3_600);
    assert_eq!(stale.code(), 438);
    assert_eq!(stale.get(MESSAGE_INTEGRITY), None);
    browser.nonce = stale.text(NONCE);
    assert_eq!(browser.refresh(&mut lab, 3_600).code(), 0);

    let mut thief = Browser { client: udp(2), ..browser };
    let request = Browser::allocate_request(&mut lab);
    assert_eq!(thief.ask(&mut lab, request).code(), 438);
    assert_eq!(lab.server.counters().stale_nonces, 2);
}

#[test]
fn a_stale_nonce_with_a_wrong_password_gets_401() {
    let mut lab = Lab::new();
    let nonce = "AAAAAAAAAAAAAAAA".into();
    let mut browser = Browser { password: "guess".into(), nonce, ..Browser::new(1) };
    let request = Browser::allocate_request(&mut lab);
    assert_eq!(browser.ask(&mut lab, request).code(), 401);
}

#[test]
fn what_stands_behind_the_integrity_is_ignored() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    let request = Draft::new(REFRESH, lab.transaction());
    let request = browser.sign(request).with(LIFETIME, &[0; 4]).with(0x0099, &[]);
    let reply = lab.ask(browser.client, &request).unwrap();
    assert_eq!(reply.number(LIFETIME), 600);
}

#[test]
fn no_secret_is_in_what_is_logged() {
    let lab = Lab::new();
    let config = config(lab.now);
    let told = format!("{config:?} {:?}", lab.server);
    assert!(!told.contains("s3cret") && !told.contains("7, 7, 7"));
}

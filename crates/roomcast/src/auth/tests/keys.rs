use axum::http::{HeaderMap, header};
use roomcast_protocol::ErrorCode;

use super::super::KeyId;
use super::super::failures::MAX_STRANGERS;
use super::{House, name, prefix, room};
use crate::store::keys::{MAX_API_KEYS, MAX_STREAM_KEYS};

#[tokio::test]
async fn an_api_key_is_shown_once_and_fits_until_it_is_revoked() {
    let house = House::open();
    let first = house.gate.keys().first_api_key().await.unwrap().expect("a first key");
    assert!(house.gate.keys().first_api_key().await.unwrap().is_none(), "there was one");
    assert!(house.bearer(&first).await.is_ok());
    let listed = house.gate.keys().api_keys().await.unwrap();
    assert_eq!(listed.iter().map(|key| key.name.as_str()).collect::<Vec<_>>(), ["admin"]);
    let id = &listed.first().unwrap().id;
    assert!(house.gate.keys().revoke_api_key(id).await.unwrap());
    assert!(!house.gate.keys().revoke_api_key(id).await.unwrap());
    assert_eq!(house.refused(&first).await, ErrorCode::KeyInvalid);
    assert!(house.gate.keys().first_api_key().await.unwrap().is_none(), "there was one");
}

#[tokio::test]
async fn keys_that_are_not_whole_or_not_ours_are_refused() {
    let house = House::open();
    let (_, whole) = house.api_key().await;
    let (_, foreign) = House::open().api_key().await;
    let cut = whole.get(..whole.len() - 1).unwrap();
    let changed = format!("{cut}{}", if whole.ends_with('0') { '1' } else { '0' });
    for wrong in
        ["rck_", "rck_x", "rck_00_00", "rcs_", cut, &changed, &foreign, &format!("{whole}0")]
    {
        assert_eq!(house.refused(wrong).await, ErrorCode::KeyInvalid, "{wrong}");
    }
}

#[tokio::test]
async fn a_renewed_or_removed_stream_key_does_not_fit_any_more() {
    let house = House::open();
    house.room("maths", "host-key-of-it").await;
    let keys = house.gate.keys();
    let (key, old) = house.stream_key("maths", true).await;
    assert!(house.bearer(&old).await.is_ok());
    let used = keys.stream_keys(&room("maths")).await.unwrap();
    assert!(used.first().unwrap().last_used_at.is_some());
    assert!(keys.renew_stream_key(&room("physics"), &key.id).await.unwrap().is_none());
    let (renewed, new) = keys.renew_stream_key(&room("maths"), &key.id).await.unwrap().unwrap();
    let new = new.reveal();
    assert_eq!(renewed.id, key.id);
    assert_eq!(house.refused(&old).await, ErrorCode::KeyInvalid);
    assert!(house.bearer(&new).await.is_ok());
    assert!(!keys.remove_stream_key(&room("physics"), &key.id).await.unwrap());
    assert!(keys.remove_stream_key(&room("maths"), &key.id).await.unwrap());
    assert_eq!(house.refused(&new).await, ErrorCode::KeyInvalid);
}

#[tokio::test]
async fn stream_keys_end_with_their_room() {
    let house = House::open();
    let missing = house.gate.keys().new_stream_key(&room("maths"), &name("OBS"), true).await;
    assert_eq!(missing.unwrap_err().code, ErrorCode::RoomUnknown);
    house.room("maths", "host-key-of-it").await;
    let (_, whole) = house.stream_key("maths", true).await;
    house.store.remove(room("maths")).await;
    assert_eq!(house.refused(&whole).await, ErrorCode::KeyInvalid);
}

#[tokio::test]
async fn the_tables_of_keys_are_bounded() {
    let house = House::open();
    house.room("maths", "host-key-of-it").await;
    for _ in 0..MAX_STREAM_KEYS {
        house.stream_key("maths", true).await;
    }
    let more = house.gate.keys().new_stream_key(&room("maths"), &name("OBS"), true).await;
    assert_eq!(more.unwrap_err().code, ErrorCode::NodeFull);
    for _ in 0..MAX_API_KEYS {
        house.api_key().await;
    }
    let more = house.gate.keys().new_api_key(&name("one more")).await;
    assert_eq!(more.unwrap_err().code, ErrorCode::NodeFull);
}

#[tokio::test]
async fn who_brings_many_wrong_keys_is_not_listened_to_for_a_while() {
    let house = House::open();
    let wrong = format!("rck_{}_00", KeyId::random());
    for _ in 0..MAX_STRANGERS {
        assert_eq!(house.refused(&wrong).await, ErrorCode::KeyInvalid);
    }
    assert_eq!(house.refused(&wrong).await, ErrorCode::RateLimited);
}

#[tokio::test]
async fn the_header_is_read_as_its_standard_says() {
    let house = House::open();
    let (_, whole) = house.api_key().await;
    let ask = |lines: &[&str]| {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::AUTHORIZATION, line.parse().unwrap());
        }
        let gate = house.gate.clone();
        async move { gate.bearer(&headers, prefix()).await }
    };
    let good = format!("bearer  {whole} ");
    assert!(ask(&[&good]).await.unwrap().is_some());
    assert!(ask(&[]).await.unwrap().is_none());
    assert!(ask(&["Bearer "]).await.unwrap().is_none(), "an empty field of an encoder");
    for wrong in [&["Basic dTpw"][..], &[&good, &good], &[&whole]] {
        assert_eq!(ask(wrong).await.unwrap_err().code, ErrorCode::TokenInvalid);
    }
}

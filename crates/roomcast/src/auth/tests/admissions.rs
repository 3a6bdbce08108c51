use roomcast_protocol::server::Role;
use roomcast_protocol::{Client, ErrorCode, Grants, Source};
use roomcast_room::Admission;
use serde_json::json;

use super::super::{Opens, PageCredentials};
use super::{House, name, prefix, room};
use crate::secret::Secret;

fn identity(text: &str) -> Option<roomcast_protocol::Identity> {
    Some(roomcast_protocol::Identity::parse(text).unwrap())
}

#[tokio::test]
async fn without_a_bearer_an_open_node_lets_watch_and_join_but_not_publish() {
    let house = House::open();
    let refusal = house.gate.admit_publisher(&room("maths"), None).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::TokenMissing);
    assert!(refusal.message.contains("at least 8 characters"), "{}", refusal.message);
    let viewer = house.gate.admit_viewer(&room("maths"), None).await.unwrap();
    assert_eq!(
        (viewer.admission.role, viewer.admission.client),
        (Some(Role::Viewer), Client::Whep)
    );
    assert!(!viewer.admission.invited && viewer.opens == Opens::Never);
    let page = house.page("maths", None).await.unwrap();
    assert_eq!(page.admission, Admission::of_page(false));
    assert_eq!(page.opens, Opens::IfAsked);
}

#[tokio::test]
async fn without_a_bearer_a_closed_node_lets_nobody_in() {
    let house = House::closed();
    let maths = room("maths");
    let publisher = house.gate.admit_publisher(&maths, None).await.unwrap_err();
    let viewer = house.gate.admit_viewer(&maths, None).await.unwrap_err();
    let page = house.page("maths", None).await.unwrap_err();
    for refusal in [publisher, viewer, page] {
        assert_eq!(refusal.code, ErrorCode::TokenMissing);
    }
    // A host key is one where there is a room, but opens none.
    let page = || {
        let host_key = Some(Secret::trusted("host-key-of-it".into()));
        house.gate.admit_page(&maths, PageCredentials { token: None, host_key }, prefix())
    };
    assert_eq!(page().await.unwrap_err().code, ErrorCode::HostKeyInvalid);
    let publisher = house.publisher("maths", "host-key-of-it").await.unwrap_err();
    assert_eq!(publisher.code, ErrorCode::HostKeyInvalid);
    house.room("maths", "host-key-of-it").await;
    let pass = page().await.unwrap();
    assert!(pass.opens == Opens::Never && pass.host_key.is_some());
    let pass = house.publisher("maths", "host-key-of-it").await.unwrap();
    assert!(pass.opens == Opens::Never && pass.host_key.is_some());
}

#[tokio::test]
async fn a_token_becomes_the_admission_that_it_says() {
    let house = House::closed();
    let claims = json!({
        "room": "maths", "sub": "ann@example.org", "name": "Ann", "role": "speaker",
        "grants": {"publish": ["microphone"], "subscribe": true},
    });
    let token = house.token(claims).await;
    let ceiling =
        Grants { publish: [Source::Microphone].into(), subscribe: true, ..Grants::default() };
    let expected = Admission {
        role: Some(Role::Speaker),
        grants: Some(ceiling),
        identity: identity("ann@example.org"),
        client: Client::Page,
        takeover: true,
        invited: true,
    };
    let page = house.page("maths", Some(&token)).await.unwrap();
    assert_eq!(page.admission, expected);
    assert_eq!(page.opens, Opens::Never);
    assert_eq!(page.name(Some(name("Somebody"))), Some(name("Ann")), "the issuer vouches for it");
    let whip = house.publisher("maths", &token).await.unwrap();
    assert_eq!(whip.admission, Admission { client: Client::Whip, ..expected });
    let whep = house.viewer("maths", &token).await.unwrap().admission;
    assert_eq!((whep.role, whep.client), (Some(Role::Viewer), Client::Whep));
    assert_eq!(whep.identity, identity("ann@example.org"));
    assert_eq!(whep.grants, Some(Grants { subscribe: true, ..Grants::default() }));
}

#[tokio::test]
async fn the_role_follows_from_the_grants_where_none_is_named() {
    let house = House::closed();
    for (grants, role, opens) in [
        (json!({"moderate": true}), Role::Host, Opens::ByEntering),
        (json!({"publish": ["camera"]}), Role::Speaker, Opens::Never),
        (json!({"subscribe": true}), Role::Viewer, Opens::Never),
        (json!({}), Role::Viewer, Opens::Never),
    ] {
        let token = house.token(json!({"room": "maths", "grants": grants})).await;
        let pass = house.page("maths", Some(&token)).await.unwrap();
        assert_eq!((pass.admission.role, pass.opens), (Some(role), opens), "{grants}");
    }
    let token = house.token(json!({"room": "maths"})).await;
    let pass = house.page("maths", Some(&token)).await.unwrap();
    assert_eq!((pass.admission.role, pass.admission.grants), (None, None), "as the room is");
}

#[tokio::test]
async fn a_token_that_grants_less_does_less() {
    let house = House::open();
    let code = |result: Result<super::Pass, roomcast_protocol::Refusal>| result.unwrap_err().code;
    for claims in [
        json!({"room": "maths"}),
        json!({"room": "maths", "role": "viewer"}),
        json!({"room": "maths", "role": "host", "grants": {"moderate": true}}),
        json!({"room": "maths", "role": "viewer", "grants": {"publish": ["camera"]}}),
    ] {
        let token = house.token(claims.clone()).await;
        assert_eq!(code(house.publisher("maths", &token).await), ErrorCode::Forbidden, "{claims}");
    }
    let token = house.token(json!({"room": "maths", "grants": {"publish": ["camera"]}})).await;
    assert_eq!(code(house.viewer("maths", &token).await), ErrorCode::Forbidden);
}

#[tokio::test]
async fn an_api_key_and_an_admins_token_enter_every_room_as_hosts() {
    let house = House::closed();
    let (key, whole) = house.api_key().await;
    let admin = super::signed(&whole, json!({"grants": {"admin": true, "subscribe": true}}));
    for token in [&whole, &admin] {
        let pass = house.page("maths", Some(token)).await.unwrap();
        assert_eq!(pass.admission.role, Some(Role::Host));
        assert_eq!(pass.opens, Opens::ByEntering);
        assert!(house.viewer("physics", token).await.is_ok());
    }
    let whip = house.publisher("maths", &whole).await.unwrap().admission;
    assert_eq!(whip.identity, identity(&format!("roomcast:api-key:{}", key.id)));
}

#[tokio::test]
async fn a_stream_key_publishes_in_its_room_and_does_nothing_else() {
    let house = House::closed();
    house.room("maths", "host-key-of-it").await;
    for takeover in [true, false] {
        let (key, whole) = house.stream_key("maths", takeover).await;
        let pass = house.publisher("maths", &whole).await.unwrap();
        let expected = Admission {
            role: Some(Role::Speaker),
            grants: None,
            identity: identity(&format!("roomcast:stream-key:{}", key.id)),
            client: Client::Whip,
            takeover,
            invited: true,
        };
        assert_eq!(pass.admission, expected);
        assert_eq!(pass.name(None), Some(name("OBS")));
        assert_eq!(pass.name(Some(name("Ann"))), Some(name("Ann")));
        let code =
            |result: Result<super::Pass, roomcast_protocol::Refusal>| result.unwrap_err().code;
        assert_eq!(code(house.publisher("physics", &whole).await), ErrorCode::KeyInvalid);
        assert_eq!(code(house.viewer("maths", &whole).await), ErrorCode::Forbidden);
        assert_eq!(code(house.page("maths", Some(&whole)).await), ErrorCode::Forbidden);
    }
}

#[tokio::test]
async fn a_publisher_without_an_identity_is_known_by_its_token() {
    let house = House::open();
    let (_, whole) = house.api_key().await;
    let claims = |name: &str| json!({"room": "maths", "role": "speaker", "name": name});
    let (one, other) = (super::signed(&whole, claims("a")), super::signed(&whole, claims("b")));
    let first = house.publisher("maths", &one).await.unwrap().admission.identity;
    assert!(first.is_some());
    assert_eq!(house.publisher("maths", &one).await.unwrap().admission.identity, first);
    assert_ne!(house.publisher("maths", &other).await.unwrap().admission.identity, first);
}

#[tokio::test]
async fn on_an_open_node_a_publisher_opens_a_room_with_a_host_key_of_its_own() {
    let house = House::open();
    let pass = house.publisher("maths", "my long key").await.unwrap();
    assert_eq!(pass.opens, Opens::WithHostKey);
    assert_eq!(pass.host_key.as_ref().map(Secret::chars), Some(11));
    assert_eq!(pass.as_host().role, Some(Role::Host));
    assert_eq!(pass.as_host().client, Client::Whip);
    let short = house.publisher("maths", "short").await.unwrap_err();
    assert_eq!(short.code, ErrorCode::HostKeyInvalid);
}

#[tokio::test]
async fn a_viewer_with_a_wrong_host_key_is_refused_and_with_the_right_one_invited() {
    let house = House::open();
    house.room("maths", "host-key-of-it").await;
    assert!(house.viewer("maths", "host-key-of-it").await.unwrap().admission.invited);
    let refusal = house.viewer("maths", "another-host-key").await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::HostKeyInvalid);
    assert!(house.viewer("physics", "host-key-of-it").await.is_err());
}

#[tokio::test]
async fn who_guesses_host_keys_is_not_listened_to_for_a_while() {
    let house = House::open();
    house.room("maths", "host-key-of-it").await;
    for number in 0..super::super::failures::MAX_GUESSES {
        let refusal = house.viewer("maths", &format!("guess-{number}")).await.unwrap_err();
        assert_eq!(refusal.code, ErrorCode::HostKeyInvalid);
    }
    let refusal = house.viewer("maths", "host-key-of-it").await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::RateLimited);
    // Keys that nobody guesses are heard still.
    let (_, whole) = house.api_key().await;
    assert!(house.viewer("maths", &whole).await.is_ok());
}

use roomcast_protocol::ErrorCode;
use serde_json::{Value, json};

use super::{House, encoded, hs256, now, parts, signed, unsigned, with_defaults};

fn claims() -> Value {
    json!({"room": "maths", "role": "host"})
}

#[tokio::test]
async fn a_token_of_an_api_key_is_believed() {
    let house = House::open();
    let token = house.token(claims()).await;
    assert!(house.bearer(&token).await.is_ok());
}

#[tokio::test]
async fn a_token_without_a_signature_is_refused() {
    let house = House::open();
    let (key, whole) = house.api_key().await;
    let claims = with_defaults(claims(), key.id.as_str());
    for none in ["none", "None", "NONE", ""] {
        let text = unsigned(&json!({"alg": none, "typ": "JWT"}), &claims);
        assert_eq!(house.refused(&format!("{text}.")).await, ErrorCode::TokenInvalid, "{none}");
        let signed = hs256(&json!({"alg": none}), &claims, parts(&whole).1.as_bytes());
        assert_eq!(house.refused(&signed).await, ErrorCode::TokenInvalid, "{none}");
    }
    let stripped = unsigned(&json!({"alg": "HS256"}), &claims);
    assert_eq!(house.refused(&format!("{stripped}.")).await, ErrorCode::TokenInvalid);
}

#[tokio::test]
async fn the_algorithm_follows_from_the_key_and_not_from_the_token() {
    let house = House::open();
    let (key, whole) = house.api_key().await;
    let claims = with_defaults(claims(), key.id.as_str());
    for other in ["HS384", "HS512", "RS256", "ES256", "EdDSA", "hs256"] {
        let text = hs256(&json!({"alg": other}), &claims, parts(&whole).1.as_bytes());
        assert_eq!(house.refused(&text).await, ErrorCode::TokenInvalid, "{other}");
    }
}

#[tokio::test]
async fn a_token_is_good_in_its_time_alone() {
    let house = House::open();
    let (_, whole) = house.api_key().await;
    let at = |nbf: u64, exp: u64| signed(&whole, json!({"room": "maths", "nbf": nbf, "exp": exp}));
    assert!(house.bearer(&at(now() - 60, now() + 60)).await.is_ok());
    // The clock of who signed may be a little ahead.
    assert!(house.bearer(&at(now() + 5, now() + 60)).await.is_ok());
    assert_eq!(house.refused(&at(now() - 60, now() - 1)).await, ErrorCode::TokenExpired);
    assert_eq!(house.refused(&at(0, 1)).await, ErrorCode::TokenExpired);
    assert_eq!(house.refused(&at(now() + 600, now() + 900)).await, ErrorCode::TokenExpired);
    let (id, secret) = parts(&whole);
    let head = json!({"alg": "HS256"});
    for exp in [json!(null), json!("never"), json!(true)] {
        let claims = json!({"iss": id, "room": "maths", "exp": exp});
        let text = hs256(&head, &claims, secret.as_bytes());
        assert_eq!(house.refused(&text).await, ErrorCode::TokenInvalid, "{exp}");
    }
    let without = hs256(&head, &json!({"iss": id, "room": "maths"}), secret.as_bytes());
    assert_eq!(house.refused(&without).await, ErrorCode::TokenInvalid);
}

#[tokio::test]
async fn a_token_for_another_room_opens_no_door_of_this_one() {
    let house = House::open();
    let token = house.token(json!({"room": "physics", "role": "host"})).await;
    let code = |result: Result<_, roomcast_protocol::Refusal>| {
        result.map(|_: super::Pass| ()).unwrap_err().code
    };
    assert_eq!(code(house.publisher("maths", &token).await), ErrorCode::TokenInvalid);
    assert_eq!(code(house.viewer("maths", &token).await), ErrorCode::TokenInvalid);
    assert_eq!(code(house.page("maths", Some(&token)).await), ErrorCode::TokenInvalid);
    let bearer = house.bearer(&token).await.unwrap();
    let operator = house.gate.operator(Some(&bearer), Some(&super::room("maths"))).await;
    assert_eq!(operator.unwrap_err().code, ErrorCode::TokenInvalid);
}

#[tokio::test]
async fn a_token_of_an_unknown_or_revoked_key_is_refused() {
    let house = House::open();
    let other = House::open();
    let (_, foreign) = other.api_key().await;
    assert_eq!(house.refused(&signed(&foreign, claims())).await, ErrorCode::TokenInvalid);
    let (key, whole) = house.api_key().await;
    let token = signed(&whole, claims());
    assert!(house.bearer(&token).await.is_ok());
    assert!(house.gate.keys().revoke_api_key(&key.id).await.unwrap());
    assert_eq!(house.refused(&token).await, ErrorCode::TokenInvalid);
    // With the id of a key that is in force, and another's secret.
    let (mine, _) = house.api_key().await;
    let text = hs256(
        &json!({"alg": "HS256"}),
        &with_defaults(claims(), mine.id.as_str()),
        parts(&foreign).1.as_bytes(),
    );
    assert_eq!(house.refused(&text).await, ErrorCode::TokenInvalid);
}

#[tokio::test]
async fn a_token_that_was_changed_is_refused() {
    let house = House::open();
    let (key, whole) = house.api_key().await;
    let token = signed(&whole, json!({"room": "maths", "role": "viewer"}));
    let (head, rest) = token.split_once('.').unwrap();
    let signature = rest.split_once('.').unwrap().1;
    let better = with_defaults(json!({"room": "maths", "role": "host"}), key.id.as_str());
    let changed = format!("{head}.{}.{signature}", encoded(&better));
    assert_eq!(house.refused(&changed).await, ErrorCode::TokenInvalid);
    let cut = token.get(..token.len() - 4).unwrap();
    assert_eq!(house.refused(cut).await, ErrorCode::TokenInvalid);
}

#[tokio::test]
async fn what_cannot_be_read_or_asks_for_more_than_is_known_is_refused() {
    let house = House::open();
    let (key, whole) = house.api_key().await;
    let secret = parts(&whole).1.as_bytes();
    let claims = with_defaults(claims(), key.id.as_str());
    let critical = hs256(&json!({"alg": "HS256", "crit": ["b64"], "b64": false}), &claims, secret);
    let no_issuer =
        hs256(&json!({"alg": "HS256"}), &json!({"room": "a", "exp": now() + 9}), secret);
    let long = signed(&whole, json!({"room": "maths", "more": "x".repeat(8_192)}));
    for text in ["a.b.c", "e30.e30.", &critical, &no_issuer, &long] {
        assert_eq!(house.refused(text).await, ErrorCode::TokenInvalid, "{text:.60}");
    }
    for wrong in [
        json!({"role": "host"}),
        json!({"room": "maths", "role": "king"}),
        json!({"room": "", "role": "host"}),
        json!({"room": "maths", "name": "a\u{202E}b"}),
        json!({"room": "maths", "sub": "x".repeat(129)}),
        json!({"room": "maths", "sub": "roomcast:host-key"}),
        json!({"room": "maths", "grants": {"publish": ["sofa"]}}),
        json!({"room": 5}),
    ] {
        let token = signed(&whole, wrong.clone());
        assert_eq!(house.refused(&token).await, ErrorCode::TokenInvalid, "{wrong}");
    }
}

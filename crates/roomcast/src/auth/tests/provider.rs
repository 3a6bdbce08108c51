use roomcast_protocol::ErrorCode;
use serde_json::json;

use super::House;
use super::hs256;
use super::provider_keys::{ISSUER, Pair, Server, config};
use super::with_defaults;

fn claims() -> serde_json::Value {
    json!({"room": "maths", "role": "host"})
}

#[tokio::test]
async fn tokens_of_the_provider_are_believed_in_each_of_the_three_algorithms() {
    let pairs = [Pair::ed(), Pair::ec(), Pair::rsa()];
    let jwks: Vec<_> = pairs.iter().map(|pair| pair.jwk(pair.algorithm())).collect();
    let server = Server::start(&jwks).await;
    let house = House::with(&server.config());
    for pair in &pairs {
        let token = pair.signed(Some(pair.algorithm()), claims());
        assert!(house.page("maths", Some(&token)).await.is_ok(), "{}", pair.algorithm());
        let without_id = pair.signed(None, claims());
        assert!(house.bearer(&without_id).await.is_ok(), "the only key of its kind");
        let (body, _) = token.rsplit_once('.').unwrap();
        assert_eq!(house.refused(&format!("{body}.AAAA")).await, ErrorCode::TokenInvalid);
    }
    assert_eq!(server.asked(), 1, "the keys are kept");
    // Tokens of API keys count beside them.
    let (_, whole) = house.api_key().await;
    assert!(house.bearer(&super::signed(&whole, claims())).await.is_ok());
}

#[tokio::test]
async fn a_public_key_is_no_secret() {
    for pair in [Pair::ed(), Pair::ec(), Pair::rsa()] {
        let jwk = pair.jwk("1");
        let server = Server::start(std::slice::from_ref(&jwk)).await;
        let house = House::with(&server.config());
        let claims = with_defaults(claims(), ISSUER);
        for secret in [pair.public(), jwk.to_string().as_bytes()] {
            let token = hs256(&json!({"alg": "HS256", "kid": "1"}), &claims, secret);
            assert_eq!(house.refused(&token).await, ErrorCode::TokenInvalid);
            let token = hs256(&json!({"alg": "HS256"}), &claims, secret);
            assert_eq!(house.refused(&token).await, ErrorCode::TokenInvalid);
        }
    }
}

#[tokio::test]
async fn one_key_does_not_pass_for_another() {
    let (known, stranger) = (Pair::ec(), Pair::ec());
    let server = Server::start(&[known.jwk("1")]).await;
    let house = House::with(&server.config());
    let token = stranger.signed(Some("1"), claims());
    assert_eq!(house.refused(&token).await, ErrorCode::TokenInvalid);
    let other_kind = Pair::ed().signed(Some("1"), claims());
    assert_eq!(house.refused(&other_kind).await, ErrorCode::TokenInvalid);
    let mut foreign = claims();
    foreign["iss"] = "https://elsewhere.example.org".into();
    let token = known.signed(Some("1"), foreign);
    assert_eq!(house.refused(&token).await, ErrorCode::TokenInvalid);
}

#[tokio::test]
async fn keys_that_are_no_use_here_are_left_out() {
    let good = Pair::ed();
    let secret = json!({"kty": "oct", "k": "c2VjcmV0", "kid": "oct", "alg": "HS256"});
    let mut for_encryption = Pair::ec().jwk("enc");
    for_encryption["use"] = "enc".into();
    let jwks = [json!({"kty": "new"}), json!(5), secret, for_encryption, good.jwk("1")];
    let server = Server::start(&jwks).await;
    let house = House::with(&server.config());
    assert!(house.bearer(&good.signed(Some("1"), claims())).await.is_ok());
    let claims = with_defaults(claims(), ISSUER);
    let token = hs256(&json!({"alg": "HS256", "kid": "oct"}), &claims, b"secret");
    assert_eq!(house.refused(&token).await, ErrorCode::TokenInvalid);
}

#[tokio::test]
async fn an_unknown_key_is_looked_up_once_a_minute() {
    let (old, new) = (Pair::ed(), Pair::ed());
    let server = Server::start(&[old.jwk("old")]).await;
    let house = House::with(&server.config());
    assert!(house.bearer(&old.signed(Some("old"), claims())).await.is_ok());
    server.publish(&[old.jwk("old"), new.jwk("new")]);
    let token = new.signed(Some("new"), claims());
    for _ in 0..5 {
        assert_eq!(house.refused(&token).await, ErrorCode::TokenInvalid);
    }
    assert_eq!(server.asked(), 1);
    house.gate.let_a_minute_pass().await;
    assert!(house.bearer(&token).await.is_ok());
    assert_eq!(server.asked(), 2);
    // A key that the provider took back.
    server.publish(&[new.jwk("new")]);
    house.gate.let_a_minute_pass().await;
    assert_eq!(
        house.refused(&Pair::ed().signed(Some("?"), claims())).await,
        ErrorCode::TokenInvalid
    );
    assert_eq!(house.refused(&old.signed(Some("old"), claims())).await, ErrorCode::TokenInvalid);
}

#[tokio::test]
async fn a_provider_that_does_not_answer_makes_tokens_invalid_and_keeps_known_keys() {
    let pair = Pair::ed();
    let token = pair.signed(Some("1"), claims());
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/keys", nobody.local_addr().unwrap());
    drop(nobody);
    assert_eq!(House::with(&config(&url)).refused(&token).await, ErrorCode::TokenInvalid);

    let server = Server::start(&[pair.jwk("1")]).await;
    let house = House::with(&server.config());
    assert!(house.bearer(&token).await.is_ok());
    server.answer("503 Service Unavailable", "", "");
    house.gate.let_a_minute_pass().await;
    assert_eq!(
        house.refused(&Pair::ed().signed(Some("2"), claims())).await,
        ErrorCode::TokenInvalid
    );
    assert_eq!(server.asked(), 2);
    assert!(house.bearer(&token).await.is_ok(), "known before");
}

#[tokio::test]
async fn one_who_asks_and_goes_away_does_not_keep_the_keys_from_others() {
    let pair = Pair::ed();
    let server = Server::start(&[pair.jwk("1")]).await;
    let house = House::with(&server.config());
    let token = pair.signed(Some("1"), claims());
    {
        let asks = std::pin::pin!(house.bearer(&token));
        // It is left alone as soon as the provider has been asked.
        let asked = async {
            while server.asked() == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = asked => {}
            _ = asks => {}
        }
    }
    assert!(house.bearer(&token).await.is_ok());
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn answers_that_lead_elsewhere_or_are_too_long_or_no_jwks_give_no_key() {
    let pair = Pair::ed();
    let token = pair.signed(Some("1"), claims());
    let other = Server::start(&[pair.jwk("1")]).await;
    let body = json!({"keys": [pair.jwk("1")], "more": "x".repeat(300 * 1024)}).to_string();
    let location = format!("location: {}\r\n", other.config().provider.unwrap().jwks_url.value.0);
    // It is asked by TLS, which it does not speak.
    let url = location.trim().trim_start_matches("location: ").replace("http:", "https:");
    assert_eq!(House::with(&config(&url)).refused(&token).await, ErrorCode::TokenInvalid);
    assert_eq!(other.asked(), 1);
    for (status, headers, body) in [
        ("302 Found", location.as_str(), ""),
        ("200 OK", "", &body),
        ("200 OK", "", "<html>"),
        ("200 OK", "", "{}"),
    ] {
        let server = Server::start(&[]).await;
        server.answer(status, headers, body);
        let house = House::with(&server.config());
        assert_eq!(house.refused(&token).await, ErrorCode::TokenInvalid, "{status} {body:.9}");
        assert_eq!(server.asked(), 1);
    }
    assert_eq!(other.asked(), 1, "no redirect is followed");
}

use roomcast_protocol::ErrorCode;
use serde_json::json;

use super::super::{Operator, TokenRequest};
use super::{House, room, signed};

impl House {
    async fn operator(&self, text: &str, of: Option<&str>) -> Result<Operator, ErrorCode> {
        let bearer = self.bearer(text).await.map_err(|refusal| refusal.code)?;
        let of = of.map(room);
        let operator = self.gate.operator(Some(&bearer), of.as_ref()).await;
        operator.map_err(|refusal| refusal.code)
    }
}

#[tokio::test]
async fn each_bearer_reaches_as_far_as_it_should() {
    let house = House::open();
    house.room("maths", "host-key-of-it").await;
    let (key, api_key) = house.api_key().await;
    let (_, stream_key) = house.stream_key("maths", true).await;
    let admin = signed(&api_key, json!({"grants": {"admin": true}}));
    let host = signed(&api_key, json!({"room": "maths", "role": "host"}));
    let moderator = signed(&api_key, json!({"room": "maths", "grants": {"moderate": true}}));
    let tame = signed(&api_key, json!({"room": "maths", "role": "host", "grants": {"chat": true}}));
    let viewer = signed(&api_key, json!({"room": "maths", "role": "viewer"}));

    let whole = || Ok(Operator::Admin { key: Some(key.id.clone()) });
    let of_maths = || Ok(Operator::Moderator(room("maths")));
    let forbidden = || Err(ErrorCode::Forbidden);
    for (bearer, node, maths) in [
        (api_key.as_str(), whole(), whole()),
        (&admin, Ok(Operator::Admin { key: None }), Ok(Operator::Admin { key: None })),
        (&host, forbidden(), of_maths()),
        (&moderator, forbidden(), of_maths()),
        (&tame, forbidden(), forbidden()),
        (&viewer, forbidden(), forbidden()),
        (&stream_key, forbidden(), forbidden()),
        ("host-key-of-it", Err(ErrorCode::TokenInvalid), of_maths()),
        ("some-other-key", Err(ErrorCode::TokenInvalid), Err(ErrorCode::HostKeyInvalid)),
    ] {
        assert_eq!(house.operator(bearer, None).await, node, "{bearer:.20}");
        assert_eq!(house.operator(bearer, Some("maths")).await, maths, "{bearer:.20}");
    }
    for of in [None, Some(room("maths"))] {
        let refusal = house.gate.operator(None, of.as_ref()).await.unwrap_err();
        assert_eq!(refusal.code, ErrorCode::TokenMissing);
    }
}

#[tokio::test]
async fn an_operator_makes_tokens_that_the_gate_believes() {
    let house = House::closed();
    let (key, _) = house.api_key().await;
    let operator = Operator::Admin { key: Some(key.id.clone()) };
    let request = TokenRequest { room: Some(room("maths")), expires_in: 60, ..Default::default() };
    let token = house.gate.mint(&operator, request.clone()).await.unwrap();
    assert!(house.page("maths", Some(&token)).await.is_ok());
    assert!(house.page("physics", Some(&token)).await.is_err());

    let refused = |operator: Operator, request: TokenRequest| {
        let gate = house.gate.clone();
        async move { gate.mint(&operator, request).await.unwrap_err().code }
    };
    let moderator = Operator::Moderator(room("maths"));
    assert_eq!(refused(moderator, request.clone()).await, ErrorCode::Forbidden);
    let no_room = TokenRequest { room: None, ..request.clone() };
    assert_eq!(refused(operator.clone(), no_room).await, ErrorCode::TokenInvalid);
    for expires_in in [0, u64::MAX] {
        let request = TokenRequest { expires_in, ..request.clone() };
        assert_eq!(refused(operator.clone(), request).await, ErrorCode::TokenInvalid);
    }
    house.gate.keys().revoke_api_key(&key.id).await.unwrap();
    assert_eq!(refused(operator, request).await, ErrorCode::Forbidden);
}

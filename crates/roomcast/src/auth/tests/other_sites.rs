use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::Response;
use axum::routing::{options, post};
use tower::ServiceExt as _;

use super::super::Cors;
use crate::config::{AuthConfig, Config};

fn config(sites: &[&str]) -> Config {
    let cors = sites.iter().map(|site| site.parse().unwrap()).collect();
    let auth = AuthConfig { cors, ..AuthConfig::default() };
    Config { auth, public_addresses: vec!["live.example.org".into()], ..Config::default() }
}

async fn asked(cors: Cors, method: Method, headers: &[(&str, &str)]) -> Response {
    let own_options = || async { [("accept-post", "application/sdp")] };
    let router: Router = Router::new()
        .route("/plain", post(|| async { "done" }))
        .route("/own", options(own_options).post(|| async { "done" }));
    let path = if headers.contains(&("x-path", "own")) { "/own" } else { "/plain" };
    let mut request = Request::builder().method(method).uri(path).header("host", "localhost:8443");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    cors.around(router).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

fn allowed(response: &Response) -> Option<&str> {
    response.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).map(|value| value.to_str().unwrap())
}

const SITE: (&str, &str) = ("origin", "https://site.example");
const ASKS: (&str, &str) = ("access-control-request-method", "POST");

#[tokio::test]
async fn the_api_is_for_listed_sites_alone_and_players_for_all_until_some_are_listed() {
    let listed = ["https://site.example"];
    for (cors, expected) in [
        (Cors::of_api(&config(&[])), None),
        (Cors::of_api(&config(&listed)), Some("https://site.example")),
        (Cors::of_api(&config(&["https://other.example"])), None),
        (Cors::of_api(&config(&["*"])), Some("*")),
        (Cors::of_players(&config(&[])), Some("*")),
        (Cors::of_players(&config(&listed)), Some("https://site.example")),
        (Cors::of_players(&config(&["https://other.example"])), None),
    ] {
        let answer = asked(cors.clone(), Method::OPTIONS, &[SITE, ASKS]).await;
        assert_eq!(allowed(&answer), expected);
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        let told = answer.headers().contains_key(header::ACCESS_CONTROL_ALLOW_METHODS);
        assert_eq!(told, expected.is_some());
        let bearer = ("authorization", "Bearer x");
        let answer = asked(cors, Method::POST, &[SITE, bearer]).await;
        assert_eq!((answer.status(), allowed(&answer)), (StatusCode::OK, expected));
        assert_eq!(answer.headers()[header::VARY], "Origin");
    }
}

#[tokio::test]
async fn a_page_of_another_site_does_nothing_without_a_bearer() {
    let api = || Cors::of_api(&config(&[]));
    let post = |headers: Vec<(&'static str, &'static str)>| async move {
        asked(api(), Method::POST, &headers).await.status()
    };
    assert_eq!(post(vec![SITE]).await, StatusCode::FORBIDDEN);
    assert_eq!(post(vec![("origin", "null")]).await, StatusCode::FORBIDDEN);
    assert_eq!(post(vec![]).await, StatusCode::OK, "programs send no origin");
    assert_eq!(post(vec![("origin", "http://localhost:8443")]).await, StatusCode::OK);
    assert_eq!(post(vec![("origin", "https://live.example.org")]).await, StatusCode::OK);
    let players = Cors::of_players(&config(&[]));
    assert_eq!(asked(players, Method::POST, &[SITE]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_a_resource_says_to_options_itself_is_kept() {
    let cors = Cors::of_players(&config(&[]));
    let answer = asked(cors, Method::OPTIONS, &[SITE, ASKS, ("x-path", "own")]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["accept-post"], "application/sdp");
    assert_eq!(allowed(&answer), Some("*"));
}

//! HTTP: one port for both schemes, the client's files, health and metrics.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::support::{ask, get, get_with, metric, node, node_with_client, open};

#[tokio::test]
async fn http_and_https_are_served_on_one_port() {
    let (node, data, _web) = node_with_client().await;
    assert_eq!(get(node.address(), "/").await.status, 200);

    let certificate = data.path().join("tls/certificate.pem");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    for name in ["localhost", "127.0.0.1"] {
        let stream = TcpStream::connect(node.address()).await.unwrap();
        let name = ServerName::try_from(name).unwrap();
        let stream = connector.connect(name, stream).await.unwrap();
        let response = ask(stream, "/", "").await.unwrap();
        assert_eq!((response.status, response.body.contains("page")), (200, true));
    }
    node.shutdown().await;
}

#[tokio::test]
async fn home_and_rooms_are_the_same_page_with_security_headers() {
    let (node, _data, _web) = node_with_client().await;
    for path in ["/", "/r/room", "/r/Gr%C3%B6%C3%9Fe%20%2F%20x", "/r/%ff"] {
        let response = get(node.address(), path).await;
        assert_eq!(response.status, 200, "{path}");
        assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"));
        let csp = response.header("content-security-policy").unwrap();
        assert!(csp.contains("default-src 'self'") && !csp.contains("unsafe-inline"), "{csp}");
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(response.header("referrer-policy"), Some("no-referrer"));
        assert!(response.header("permissions-policy").unwrap().contains("display-capture"));
    }
    node.shutdown().await;
}

#[tokio::test]
async fn files_of_the_client_have_types_and_tags() {
    let (node, _data, web) = node_with_client().await;
    let file = get(node.address(), "/lib/x.js").await;
    assert_eq!((file.status, file.body.as_str()), (200, "export const x = 1;"));
    assert_eq!(file.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(file.header("cache-control"), Some("no-cache"));
    let tag = format!("if-none-match: {}\r\n", file.header("etag").unwrap());
    assert_eq!(get_with(node.address(), "/lib/x.js", &tag).await.status, 304);

    std::fs::write(web.path().join("lib/x.js"), "export const x = 2;").unwrap();
    let changed = get_with(node.address(), "/lib/x.js", &tag).await;
    assert_eq!((changed.status, changed.body.as_str()), (200, "export const x = 2;"));
    node.shutdown().await;
}

#[tokio::test]
async fn what_is_not_there_is_not_found_for_programs_and_people() {
    let (node, _data, _web) = node_with_client().await;
    let response = get(node.address(), "/no/such/file").await;
    assert_eq!((response.status, response.code().as_str()), (404, "not-found"));
    let page = get_with(node.address(), "/nothing", "accept: text/html,*/*\r\n").await;
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    node.shutdown().await;
}

#[tokio::test]
async fn no_path_leads_out_of_the_clients_folder() {
    let (node, data, _web) = node_with_client().await;
    std::fs::write(data.path().join("x.txt"), "outside").unwrap();
    let outside = data.path().join("x.txt").to_string_lossy().into_owned();
    for path in [
        "/../x.txt",
        "/lib/../../x.txt",
        "/%2e%2e/x.txt",
        "/lib/%2e%2e%2f%2e%2e%2fx.txt",
        "/..%5cx.txt",
        &format!("/{outside}"),
        &format!("//{outside}"),
        "/.secret",
        "/package.json",
        "/lib",
        "/lib/",
        "/%00",
    ] {
        let response = get(node.address(), path).await;
        assert!(matches!(response.status, 400 | 404), "{path}: {}", response.status);
    }
    node.shutdown().await;
}

#[tokio::test]
async fn the_page_of_a_binary_names_its_modules_for_good() {
    let (node, _data) = node().await;
    let page = get(node.address(), "/r/room").await;
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let hint = "rel=\"modulepreload\" href=\"";
    let (_, rest) = page.body.split_once(hint).unwrap();
    let module = rest.split('"').next().unwrap();
    let file = get_with(node.address(), module, "Accept-Encoding: gzip\r\n").await;
    assert_eq!(file.status, 200);
    assert!(file.header("cache-control").unwrap().ends_with("immutable"));
    assert_eq!(file.header("content-encoding"), Some("gzip"));
    let name = module.splitn(4, '/').last().unwrap();
    let older = get(node.address(), &format!("/v/0123456789abcdef/{name}")).await;
    assert_eq!((older.status, older.header("cache-control")), (200, Some("no-cache")));
    node.shutdown().await;
}

#[tokio::test]
async fn a_link_is_drawn_as_a_code_and_an_endless_one_is_refused() {
    let (node, _data, _web) = node_with_client().await;
    let code = get(node.address(), "/qr.svg?text=http%3A%2F%2F192.0.2.7%3A8443%2Fr%2Fgarden").await;
    assert_eq!((code.status, code.header("content-type")), (200, Some("image/svg+xml")));
    assert!(code.body.contains("<svg") && !code.body.contains("192.0.2.7"));
    let endless = format!("/qr.svg?text={}", "x".repeat(600));
    assert_eq!(get(node.address(), &endless).await.status, 413);
    assert_eq!(get(node.address(), "/qr.svg").await.status, 400);
    node.shutdown().await;
}

#[tokio::test]
async fn health_and_metrics_are_told() {
    let (node, _data, _web) = node_with_client().await;
    assert_eq!(get(node.address(), "/healthz").await.status, 200);
    assert_eq!(get(node.address(), "/readyz").await.status, 200);
    let (_host, _key) = open(&node, "room").await;
    assert_eq!(metric(node.address(), "roomcast_rooms").await, Some(1.0));
    assert_eq!(metric(node.address(), "roomcast_participants").await, Some(1.0));
    let metrics = get(node.address(), "/metrics").await;
    assert!(metrics.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    for line in [
        "roomcast_sessions 0",
        "roomcast_packets_total{direction=\"in\"}",
        "roomcast_bytes_total{direction=\"out\"}",
        "# TYPE roomcast_drops counter",
        "roomcast_key_frames_asked_total",
        "roomcast_first_packet_seconds_count",
        "roomcast_first_packet_seconds_bucket{le=\"+Inf\"}",
        "roomcast_messages_total 1",
        "# EOF",
    ] {
        assert!(metrics.body.contains(line), "{line} in {}", metrics.body);
    }
    node.shutdown().await;
}

#[tokio::test]
async fn other_sites_load_the_player_and_the_client_library() {
    let (node, _data) = node().await;
    for entry in ["roomcast.js", "client.js"] {
        let file = get(node.address(), &format!("/sdk/{entry}")).await;
        assert_eq!((file.status, file.header("cache-control")), (200, Some("no-cache")), "{entry}");
        assert_eq!(file.header("content-type"), Some("text/javascript; charset=utf-8"));
        let modules: Vec<&str> = file.body.split('\'').filter(|part| part.contains('/')).collect();
        assert!(modules.len() > 3, "{entry}");
        for module in modules {
            let module = get(node.address(), module.trim_start_matches("..")).await;
            assert_eq!(module.status, 200);
            assert_eq!(module.header("access-control-allow-origin"), Some("*"));
            assert_eq!(module.header("cross-origin-resource-policy"), Some("cross-origin"));
            assert!(module.header("cache-control").unwrap().ends_with("immutable"));
        }
    }
    assert_eq!(get(node.address(), "/sdk/nothing.js").await.status, 404);
    node.shutdown().await;
}

#[tokio::test]
async fn any_site_may_frame_the_player_and_nothing_else() {
    let (node, _data) = node().await;
    let policy = |path: &'static str| {
        let address = node.address();
        async move {
            let page = get(address, path).await;
            assert_eq!(page.status, 200, "{path}");
            page.header("content-security-policy").unwrap().to_owned()
        }
    };
    let embed = policy("/embed/Gr%C3%B6%C3%9Fe?token=x").await;
    assert!(embed.contains("frame-ancestors *") && embed.contains("default-src 'none'"), "{embed}");
    assert!(!embed.contains("unsafe"), "{embed}");
    for path in ["/", "/r/room", "/embed.html"] {
        assert!(policy(path).await.contains("frame-ancestors 'self'"), "{path}");
    }
    node.shutdown().await;
}

#[tokio::test]
async fn what_a_folder_lacks_is_taken_from_the_binary() {
    let (node, _data, web) = node_with_client().await;
    assert_eq!(get(node.address(), "/lib/x.js").await.body, "export const x = 1;");
    assert!(get(node.address(), "/lib/backoff.js").await.body.contains("class Backoff"));
    assert!(get(node.address(), "/sdk/client.js").await.body.contains("/lib/room.js"));
    std::fs::create_dir(web.path().join("sdk")).unwrap();
    std::fs::write(web.path().join("sdk/client.js"), "export {};").unwrap();
    assert_eq!(get(node.address(), "/sdk/client.js").await.body, "export {};");
    node.shutdown().await;
}

//! Janus: a room of its videoroom plugin, over its HTTP API with long polls.
//!
//! <https://janus.conf.meetecho.com/docs/rest.html>, <https://janus.conf.meetecho.com/docs/videoroom.html>

use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::{Backend, http, sdp};

/// A Janus server, by its HTTP API.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Janus {
    pub(in super::super) api: SocketAddr,
}

impl Backend for Janus {
    fn publish(&self, offer: &str) -> anyhow::Result<String> {
        let handle = Handle::attach(self.api)?;
        let room =
            json!({"request": "create", "room": ROOM, "publishers": 1, "videocodec": "h264,vp8"});
        handle.message(&room, None)?;
        let join =
            json!({"request": "joinandconfigure", "room": ROOM, "ptype": "publisher", "id": FEED});
        handle.message(&join, Some(("offer", offer)))?;
        handle.description()
    }

    /// A subscriber is made an offer by Janus, and the viewer has made one too.
    fn watch(&self, offer: &str) -> anyhow::Result<String> {
        let handle = Handle::attach(self.api)?;
        let streams = json!([{"feed": FEED}]);
        let join =
            json!({"request": "join", "room": ROOM, "ptype": "subscriber", "streams": streams});
        handle.message(&join, None)?;
        let its = handle.description()?;
        let answer = sdp::for_server(offer, &its)?;
        handle.message(&json!({"request": "start"}), Some(("answer", &answer)))?;
        sdp::for_viewer(offer, &its)
    }
}

/// A session with Janus, and its one handle.
struct Handle {
    api: SocketAddr,
    session: u64,
    handle: u64,
}

impl Handle {
    fn attach(api: SocketAddr) -> anyhow::Result<Self> {
        let id = |answer: &Value| answer["data"]["id"].as_u64().context("Janus gives no id");
        let session = id(&post(api, "/janus", json!({"janus": "create"}))?)?;
        let attach = json!({"janus": "attach", "plugin": "janus.plugin.videoroom"});
        let handle = id(&post(api, &format!("/janus/{session}"), attach)?)?;
        Ok(Self { api, session, handle })
    }

    /// A message to the plugin. Its answer comes at once, or as an event.
    fn message(&self, body: &Value, description: Option<(&str, &str)>) -> anyhow::Result<()> {
        let mut message = json!({"janus": "message", "body": body});
        if let Some((kind, sdp)) = description {
            message["jsep"] = json!({"type": kind, "sdp": sdp});
        }
        let path = format!("/janus/{}/{}", self.session, self.handle);
        post(self.api, &path, message).map(drop)
    }

    /// Waits for the event that has a description of a session.
    fn description(&self) -> anyhow::Result<String> {
        for _ in 0..MAX_EVENTS {
            let path = format!("/janus/{}?maxev=1", self.session);
            let event = understood(&http::ask(self.api, "GET", &path, &[], "")?)?;
            if let Some(sdp) = event["jsep"]["sdp"].as_str() {
                return Ok(sdp.to_owned());
            }
        }
        bail!("Janus describes no session")
    }
}

fn post(api: SocketAddr, path: &str, mut request: Value) -> anyhow::Result<Value> {
    request["transaction"] = "peers".into();
    let headers = [("Content-Type", "application/json")];
    understood(&http::ask(api, "POST", path, &headers, &request.to_string())?)
}

/// What Janus says, unless it is an error of Janus or of its plugin.
fn understood(body: &str) -> anyhow::Result<Value> {
    let said: Value = serde_json::from_str(body).context("Janus says no JSON")?;
    let reasons = [&said["error"]["reason"], &said["plugindata"]["data"]["error"]];
    match reasons.iter().find_map(|reason| reason.as_str()) {
        Some(reason) => bail!("Janus: {reason}"),
        None => Ok(said),
    }
}

const ROOM: u64 = 1;

/// Who publishes there.
const FEED: u64 = 1;

/// Before a description there are a few events about the room at most.
const MAX_EVENTS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_janus_and_of_its_plugin_are_told() {
        let said = |body: &str| understood(body).map_err(|error| error.to_string());
        assert_eq!(
            said(r#"{"janus":"error","error":{"code":458,"reason":"No such session"}}"#),
            Err("Janus: No such session".to_owned())
        );
        let data = r#"{"janus":"event","plugindata":{"data":{"error":"No such feed"}}}"#;
        assert_eq!(said(data), Err("Janus: No such feed".to_owned()));
        assert!(said(r#"{"janus":"ack"}"#).is_ok());
    }
}

//! The configuration as a commented TOML file, made from the table of settings in `args.rs`.

use std::fmt::Write as _;
use std::path::Path;

use clap::Args as _;
use toml::Value;

use super::{Args, Config, Spelled};

/// The configuration as a TOML file in which each key is explained. What is not set stands there
/// as a comment.
#[must_use]
pub fn sample(config: &Config) -> String {
    let mut text = String::from(HEAD);
    let mut heading = String::new();
    let command = Args::augment_args(clap::Command::new("roomcast"));
    // A file cannot name itself.
    for arg in command.get_arguments().filter(|arg| arg.get_id() != "config") {
        let group = arg.get_help_heading().unwrap_or_default();
        if group != heading {
            heading = group.to_owned();
            let _ = write!(text, "\n## {heading}\n");
        }
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let key = arg.get_long().unwrap_or_default();
        let line = match value(config, key) {
            Some(value) => format!("{key} = {value}"),
            None => format!("# {key} = \"\""),
        };
        let _ = write!(text, "\n# {help}\n{line}\n");
    }
    text
}

const HEAD: &str = "\
# The configuration of a Roomcast node. Start it with:  roomcast --config FILE
# Each key is also a flag (--max-rooms) and an environment variable (ROOMCAST_MAX_ROOMS), which win.
";

fn value(config: &Config, key: &str) -> Option<Value> {
    let path = |path: &Path| Value::String(path.to_string_lossy().into_owned());
    let number = |number: usize| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let provider = config.auth.provider.as_ref();
    match key {
        "listen" => Some(Value::String(config.listen.to_string())),
        "public-address" => {
            let addresses = config.public_addresses.iter().cloned();
            Some(Value::Array(addresses.map(Value::String).collect()))
        }
        "topology" => Some(Value::String(config.topology.as_str().into())),
        "p2p-max-links" => Some(number(usize::from(config.p2p_max_links))),
        "webhook-allow" => Some(texts(&config.webhook_allow)),
        "auth" => Some(Value::String(config.auth.mode.as_str().into())),
        "jwks-url" => provider.map(|provider| Value::String(provider.jwks_url.text().into())),
        "jwks-issuer" => provider.map(|provider| Value::String(provider.issuer.clone())),
        "cors" => Some(texts(&config.auth.cors)),
        "no-turn" => Some(Value::Boolean(!config.turn.enabled)),
        "turn-secret" => config.turn.secret.as_ref().map(|secret| Value::String(secret.0.clone())),
        "turn-realm" => Some(Value::String(config.turn.realm.clone())),
        "turn-ports" => config.turn.ports.as_ref().map(|ports| Value::String(ports.text().into())),
        "turn-allow-peer" => Some(texts(&config.turn.allow_peers)),
        "turn-deny-peer" => Some(texts(&config.turn.deny_peers)),
        "turn-quota" => Some(Value::Integer(config.turn.quota.into())),
        "turn-rate" => Some(Value::Integer(config.turn.rate.into())),
        "ice-server" => Some(texts(&config.turn.ice_servers)),
        "tls-cert" => config.tls.as_ref().map(|tls| path(&tls.cert)),
        "tls-key" => config.tls.as_ref().map(|tls| path(&tls.key)),
        "data" => Some(path(&config.data)),
        "web-dir" => config.web_dir.as_deref().map(path),
        "shards" => Some(number(usize::from(config.shards))),
        "max-participants" => Some(number(config.max_participants)),
        "max-rooms" => Some(number(config.max_rooms)),
        "connections-per-second" => Some(Value::Integer(config.connections_per_second.into())),
        _ => None,
    }
}

fn texts<T>(values: &[Spelled<T>]) -> Value {
    Value::Array(values.iter().map(|value| Value::String(value.text().into())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_stands_in_the_sample_with_its_value() {
        let config = Config {
            web_dir: Some("w".into()),
            tls: Some(super::super::TlsFiles { cert: "c".into(), key: "k".into() }),
            auth: super::super::AuthConfig {
                provider: Some(super::super::Provider {
                    jwks_url: "https://id.example.org/keys".parse().unwrap(),
                    issuer: "i".into(),
                }),
                ..Default::default()
            },
            turn: super::super::TurnConfig {
                secret: Some(super::super::TurnSecret("s".into())),
                ports: Some("1-2".parse().unwrap()),
                ..Default::default()
            },
            ..Config::default()
        };
        let command = Args::augment_args(clap::Command::new("roomcast"));
        for arg in command.get_arguments().filter(|arg| arg.get_id() != "config") {
            let key = arg.get_long().unwrap();
            assert!(value(&config, key).is_some(), "{key}");
            let variable = format!("ROOMCAST_{}", key.replace('-', "_").to_uppercase());
            assert_eq!(arg.get_env().unwrap().to_str(), Some(variable.as_str()));
        }
    }
}

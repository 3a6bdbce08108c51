//! `roomcast token`: makes tokens and API keys.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use roomcast_protocol::server::Role;
use roomcast_protocol::{DisplayName, Grants, Identity, Refusal, RoomName, Source};

use crate::auth::offline::{self, OfflineError};
use crate::auth::{KeyId, TokenRequest};
use crate::config::{self, Config, ConfigError};
use crate::secret::Secret;

/// What is wanted, and signed by which key.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The room that the token is for; only one with the grant `admin` may be without
    #[arg(long, value_name = "ROOM", value_parser = RoomName::parse)]
    room: Option<RoomName>,

    /// Who it is for, in your words: there is one participant of an identity at a time
    #[arg(long, value_name = "IDENTITY", value_parser = Identity::parse)]
    identity: Option<Identity>,

    /// The name that others see
    #[arg(long, value_name = "NAME", value_parser = DisplayName::parse)]
    name: Option<DisplayName>,

    /// The role to come with: host, speaker or viewer
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Option<Role>,

    /// What they may do at most: publish, publish:camera, publish:microphone, publish:screen,
    /// publish:screen-audio, subscribe, chat, moderate, admin; may be repeated. Without any, what
    /// the role may
    #[arg(long, value_name = "GRANT", value_delimiter = ',')]
    grant: Vec<Grant>,

    /// How long it is good: 90s, 30m, 2h or 7d
    #[arg(long, value_name = "TIME", default_value = "2h", value_parser = seconds)]
    expires: u64,

    /// The API key that signs it. Without one, the newest key of the data folder signs
    #[arg(long, env = "ROOMCAST_API_KEY", hide_env_values = true, value_name = "KEY")]
    key: Option<String>,

    /// Make an API key of this name instead, for programs of yours. Also beside a running node
    #[arg(long, value_name = "NAME", value_parser = DisplayName::parse, conflicts_with_all = ["room", "identity", "name", "role", "grant", "key"])]
    new_key: Option<DisplayName>,

    /// The data folder of the node [default: your data folder]
    #[arg(long, env = "ROOMCAST_DATA", hide_env = true, value_name = "DIR")]
    data: Option<PathBuf>,

    /// The configuration file of the node, which names its data folder
    #[arg(long, env = "ROOMCAST_CONFIG", hide_env = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{}", .0.message)]
    Refused(Refusal),
    #[error(transparent)]
    Offline(#[from] OfflineError),
    #[error("the API key is not whole; it has the form rck_<id>_<secret>")]
    Key,
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Prints a token or an API key, alone on its line.
pub(super) fn run(args: Args) -> Result<(), TokenError> {
    let settings = config::Args { data: args.data, config: args.config, ..Default::default() };
    let data = Config::load(settings)?.data;
    let text = match args.new_key {
        Some(name) => offline::new_api_key(&data, &name)?.reveal(),
        None => {
            let grants = (!args.grant.is_empty()).then(|| grants(&args.grant));
            let request = TokenRequest {
                room: args.room,
                identity: args.identity,
                name: args.name,
                role: args.role,
                grants,
                expires_in: args.expires,
            };
            let (id, secret) = signing_key(args.key.as_deref(), &data)?;
            offline::mint(&request, &id, secret).map_err(TokenError::Refused)?
        }
    };
    writeln!(io::stdout(), "{text}")?;
    Ok(())
}

fn signing_key(given: Option<&str>, data: &Path) -> Result<(KeyId, Secret), TokenError> {
    match given {
        Some(whole) => offline::parts(whole).ok_or(TokenError::Key),
        None => Ok(offline::newest_key(data)?),
    }
}

/// One thing that may be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grant {
    PublishAll,
    Publish(Source),
    Subscribe,
    Chat,
    Moderate,
    Admin,
}

impl FromStr for Grant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "publish" => Self::PublishAll,
            "publish:camera" => Self::Publish(Source::Camera),
            "publish:microphone" => Self::Publish(Source::Microphone),
            "publish:screen" => Self::Publish(Source::Screen),
            "publish:screen-audio" => Self::Publish(Source::ScreenAudio),
            "subscribe" => Self::Subscribe,
            "chat" => Self::Chat,
            "moderate" => Self::Moderate,
            "admin" => Self::Admin,
            _ => return Err("there is no such grant; see --help".into()),
        })
    }
}

fn grants(named: &[Grant]) -> Grants {
    let mut publish: BTreeSet<Source> = BTreeSet::new();
    for grant in named {
        match grant {
            Grant::PublishAll => publish.extend(Source::ALL),
            Grant::Publish(source) => {
                publish.insert(*source);
            }
            _ => {}
        }
    }
    let has = |grant| named.contains(&grant);
    Grants {
        publish,
        subscribe: has(Grant::Subscribe),
        chat: has(Grant::Chat),
        moderate: has(Grant::Moderate),
        admin: has(Grant::Admin),
    }
}

fn role(text: &str) -> Result<Role, String> {
    match text {
        "host" => Ok(Role::Host),
        "speaker" => Ok(Role::Speaker),
        "viewer" => Ok(Role::Viewer),
        _ => Err("it is host, speaker or viewer".into()),
    }
}

/// Seconds of a time such as `2h`; a bare number means seconds.
fn seconds(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..) {
        Some("" | "s") => 1,
        Some("m") => 60,
        Some("h") => 3_600,
        Some("d") => 24 * 3_600,
        _ => return Err("it is a number with s, m, h or d behind it".into()),
    };
    let number = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    number.ok_or_else(|| "it is a number with s, m, h or d behind it".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_typed_as_people_say_them() {
        for (text, meant) in
            [("45", 45), ("90s", 90), ("30m", 1_800), ("2h", 7_200), ("7d", 604_800)]
        {
            assert_eq!(seconds(text), Ok(meant), "{text}");
        }
        for wrong in ["", "h", "2 h", "-1h", "2y", "99999999999999999999d", "1h30m"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn grants_add_up() {
        let named: Vec<Grant> = ["publish:screen", "chat", "publish:camera"]
            .iter()
            .map(|g| g.parse().unwrap())
            .collect();
        let grants = grants(&named);
        assert_eq!(grants.publish, [Source::Camera, Source::Screen].into());
        assert!(grants.chat && !grants.subscribe && !grants.moderate && !grants.admin);
        assert!("publish:sofa".parse::<Grant>().is_err());
    }
}

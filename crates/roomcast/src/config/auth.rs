//! What is configured about tokens and other sites.

use std::net::IpAddr;
use std::str::FromStr;

use axum::http::Uri;
use axum::http::uri::Scheme;

use super::turn::either;
use super::{Args, ConfigError, File, Spelled};

/// Who may come in, whose tokens count, and which other sites may call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthConfig {
    /// Whether a token is needed.
    pub mode: AuthMode,
    /// An identity provider whose tokens count beside those of API keys.
    pub provider: Option<Provider>,
    /// Other sites whose pages may call this node.
    pub cors: Vec<Spelled<AllowedOrigin>>,
}

/// Whether a token is needed to come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMode {
    /// Anyone may open rooms, and watch those whose names they know.
    #[default]
    Open,
    /// Only who has a token, a stream key or a host key comes in.
    Tokens,
}

impl AuthMode {
    /// As it is typed.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Tokens => "tokens",
        }
    }
}

/// An identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Where its keys are.
    pub jwks_url: Spelled<JwksUrl>,
    /// The `iss` of its tokens.
    pub issuer: String,
}

impl AuthConfig {
    /// Puts together what was typed, what the file says, and the defaults.
    pub(super) fn from_layers(args: &mut Args, file: &mut File) -> Result<Self, ConfigError> {
        let jwks_url = args.jwks_url.take().or(file.jwks_url.take());
        let issuer = args.jwks_issuer.take().or(file.jwks_issuer.take());
        let provider = match (jwks_url, issuer.filter(|issuer| !issuer.is_empty())) {
            (Some(jwks_url), Some(issuer)) => Some(Provider { jwks_url, issuer }),
            (None, None) => None,
            _ => return Err(ConfigError::HalfProvider),
        };
        Ok(Self {
            mode: args.auth.or(file.auth).unwrap_or_default(),
            provider,
            cors: either(&mut args.cors, &mut file.cors),
        })
    }
}

/// The address of a JWKS: `https`, or `http` on this machine.
#[derive(Debug, Clone)]
pub struct JwksUrl(pub String);

/// The text is no such address.
#[derive(Debug, thiserror::Error)]
#[error("it must be an https:// address (http:// is for this machine alone), without a user")]
pub struct JwksUrlError;

impl FromStr for JwksUrl {
    type Err = JwksUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url: Uri = text.parse().map_err(|_| JwksUrlError)?;
        let authority = url.authority().ok_or(JwksUrlError)?;
        let trusted = url.scheme() == Some(&Scheme::HTTPS)
            || (url.scheme() == Some(&Scheme::HTTP) && is_this_machine(authority.host()));
        if !trusted || authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(JwksUrlError);
        }
        Ok(Self(text.to_owned()))
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// A site whose pages may call: an origin (RFC 6454), or `*` for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigin {
    /// Every site.
    Any,
    /// This one, as browsers write it.
    One(String),
}

/// The text is no origin.
#[derive(Debug, thiserror::Error)]
#[error("it must be an origin such as https://example.org, without a path, or * for all sites")]
pub struct AllowedOriginError;

impl FromStr for AllowedOrigin {
    type Err = AllowedOriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let (scheme, host) = text.split_once("://").ok_or(AllowedOriginError)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        if !matches!(scheme, "http" | "https") || host.is_empty() || !host.chars().all(plain) {
            return Err(AllowedOriginError);
        }
        let host = host.to_ascii_lowercase();
        // Browsers leave the usual port out.
        let usual = if scheme == "https" { ":443" } else { ":80" };
        let host = host.strip_suffix(usual).unwrap_or(&host);
        Ok(Self::One(format!("{scheme}://{host}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_fetched_by_https_or_from_this_machine() {
        for good in [
            "https://id.example.org/.well-known/jwks.json",
            "http://127.0.0.1:9/keys",
            "http://localhost/keys",
            "http://[::1]:9/",
        ] {
            assert!(good.parse::<JwksUrl>().is_ok(), "{good}");
        }
        for bad in [
            "http://id.example.org/keys",
            "http://127.0.0.1.example.org/",
            "https://user:word@id.example.org/",
            "file:///etc/passwd",
            "id.example.org",
            "https://",
            "",
        ] {
            assert!(bad.parse::<JwksUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_is_kept_as_browsers_write_it() {
        let origin = |text: &str| text.parse::<AllowedOrigin>();
        let one = |text: &str| AllowedOrigin::One(text.into());
        assert_eq!(origin("*").unwrap(), AllowedOrigin::Any);
        assert_eq!(origin("https://Example.org:443").unwrap(), one("https://example.org"));
        assert_eq!(origin("http://localhost:5173").unwrap(), one("http://localhost:5173"));
        for bad in
            ["example.org", "https://example.org/", "null", "https://", "ws://x", "https://a b"]
        {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn half_a_provider_is_refused() {
        let mut args = Args { jwks_issuer: Some("x".into()), ..Args::default() };
        let mut file = File::default();
        assert!(AuthConfig::from_layers(&mut args, &mut file).is_err());
    }
}

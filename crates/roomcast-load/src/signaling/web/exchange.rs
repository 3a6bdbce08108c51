//! One offer, its answer, and the session that came of it.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, Url};

use super::redirect::{Next, next};
use super::refusal::refusal;
use crate::media::Handle;

/// An endpoint of WHIP or WHEP, and how one gets in there.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    pub(super) client: Client,
    pub(super) url: Url,
    pub(super) token: Option<String>,
    /// What the command line calls it.
    pub(super) option: &'static str,
}

/// A session that the server has begun.
#[derive(Debug)]
pub(super) struct Agreed {
    /// Its answer.
    pub(super) sdp: String,
    client: Client,
    token: Option<String>,
    /// What is to be deleted in the end, if the server said it.
    resource: Option<Url>,
}

impl Exchange {
    pub(super) fn client(insecure: bool) -> anyhow::Result<Client> {
        let client = Client::builder()
            // A redirected offer has to stay a POST, with its body and its token.
            .redirect(Policy::none())
            .tls_danger_accept_invalid_certs(insecure)
            .timeout(TIME_LIMIT);
        client.build().context("cannot make an HTTP client")
    }

    /// Posts an offer, wherever it is redirected to.
    pub(super) async fn offer(&self, sdp: String) -> anyhow::Result<Agreed> {
        let (mut url, mut token) = (self.url.clone(), self.token.clone());
        for _ in 0..=MAX_REDIRECTS {
            let request = self.client.post(url.clone());
            let request = request.header(CONTENT_TYPE, "application/sdp").body(sdp.clone());
            let response = with_token(request, token.as_deref()).send().await;
            let response = response.with_context(|| format!("{} {url}", self.option))?;
            match next(&url, response.status(), header(&response, LOCATION.as_str())) {
                Next::Take => return self.agreed(response, url, token).await,
                Next::Refused => {
                    let why = refusal(response).await;
                    bail!("{} {url} was refused: {why}", self.option);
                }
                Next::Ask(elsewhere) => {
                    token = token.filter(|_| may_know(&elsewhere, &url));
                    url = elsewhere;
                }
            }
        }
        bail!("{} {} is redirected again and again", self.option, self.url)
    }

    async fn agreed(
        &self,
        response: Response,
        url: Url,
        token: Option<String>,
    ) -> anyhow::Result<Agreed> {
        let location = header(&response, LOCATION.as_str());
        let resource = location.and_then(|location| url.join(location).ok());
        if resource.is_none() {
            tracing::debug!(option = self.option, "the server names no session: it is not ended");
        }
        let token = token.filter(|_| resource.as_ref().is_some_and(|at| may_know(at, &url)));
        let sdp = response.text().await.with_context(|| format!("{} {url}", self.option))?;
        if !sdp.starts_with("v=0") {
            bail!("{} {url} answered no session description: is it such an address?", self.option);
        }
        Ok(Agreed { sdp, client: self.client.clone(), token, resource })
    }

    /// Hands the answer to the media thread; ends the session when that cannot do with it.
    pub(super) async fn take(
        &self,
        agreed: Agreed,
        media: &Handle,
        slot: usize,
    ) -> anyhow::Result<Agreed> {
        let taken = match refused(&agreed.sdp) {
            Some(advice) => Err(anyhow!(advice)),
            None => media.take_answer(slot, agreed.sdp.clone()).await,
        };
        match taken {
            Ok(()) => Ok(agreed),
            Err(error) => {
                agreed.end().await;
                Err(error.context(self.option))
            }
        }
    }
}

impl Agreed {
    /// Ends the session.
    pub(super) async fn end(self) {
        let Some(resource) = self.resource else { return };
        let request = self.client.delete(resource);
        if let Err(error) = with_token(request, self.token.as_deref()).send().await {
            tracing::debug!(%error, "a session could not be ended");
        }
    }
}

/// What to do about an answer that refuses a section: such a section may lack all else (RFC 8829
/// section 5.3.1).
fn refused(sdp: &str) -> Option<&'static str> {
    let refuses = |section: &str| sdp.lines().any(|line| line.starts_with(section));
    if refuses("m=video 0 ") {
        return Some("the server refuses the picture: try the other --codec");
    }
    refuses("m=audio 0 ").then_some("the server refuses the sound, which is Opus")
}

/// Whether a server may see the token that another was given: it is the same host, and not in the clear
/// where it was not before.
fn may_know(other: &Url, given: &Url) -> bool {
    other.host() == given.host() && (other.scheme() == "https" || given.scheme() == "http")
}

fn with_token(request: RequestBuilder, token: Option<&str>) -> RequestBuilder {
    match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    }
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

/// How long a server may take for an answer before it counts as none: some gather candidates first.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// A load balancer needs one; who has more leads in a circle.
const MAX_REDIRECTS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_to_no_other_host_and_not_in_the_clear() {
        let may =
            |other: &str, given: &str| may_know(&other.parse().unwrap(), &given.parse().unwrap());
        assert!(may("http://a:2/session", "http://a:1/whip"));
        assert!(may("https://a/session", "http://a/whip"));
        assert!(!may("http://a/session", "https://a/whip"));
        assert!(!may("https://b/session", "https://a/whip"));
    }

    #[test]
    fn a_section_that_an_answer_refuses_is_told() {
        let answer = "v=0\r\nm=video 0 UDP/TLS/RTP/SAVPF 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n";
        assert!(refused(answer).unwrap().contains("--codec"));
        let silent = answer.replace("video 0", "video 9").replace("audio 9", "audio 0");
        assert!(refused(&silent).unwrap().contains("sound"));
        assert_eq!(refused(&answer.replace("video 0", "video 9")), None);
    }
}

//! A server and its two addresses: one who publishes at the one, many who watch at the other.

use std::time::Instant;

use anyhow::{Context as _, bail};
use reqwest::Url;
use tokio::sync::oneshot;

use super::exchange::{Agreed, Exchange};
use crate::args::Args;
use crate::media::Handle;
use crate::signaling::{Over, Published, Watched, ended, media_addresses};

/// The server under load. Clones share its connections.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    whip: Exchange,
    whep: Exchange,
}

impl Server {
    /// As the command line names it; `None` when it names a node.
    pub(crate) fn new(args: &Args) -> anyhow::Result<Option<Self>> {
        let (Some(whip), Some(whep)) = (&args.whip, &args.whep) else { return Ok(None) };
        let client = Exchange::client(args.insecure)?;
        let token = args.token.clone();
        let whep_token = args.whep_token.clone().or_else(|| token.clone());
        let whep_token = whep_token.filter(|token| !token.is_empty());
        let at = |url, token, option| {
            let url = address(url).with_context(|| format!("{option} {url}"))?;
            Ok::<_, anyhow::Error>(Exchange { client: client.clone(), url, token, option })
        };
        let whip = at(whip, token, "--whip")?;
        Ok(Some(Self { whip, whep: at(whep, whep_token, "--whep")? }))
    }

    /// Where it publishes from: the address that shows which way the server is reached.
    pub(crate) fn whip(&self) -> &Url {
        &self.whip.url
    }

    /// Publishes, tells `published` when that is done, and stays until the end.
    pub(in crate::signaling) async fn publish(
        self,
        mut over: Over,
        media: Handle,
        number: u8,
        published: oneshot::Sender<anyhow::Result<Published>>,
    ) -> anyhow::Result<()> {
        match self.go_live(&media, number).await {
            Ok(session) => {
                // Whoever waits may be gone; then the end is near as well.
                let media_addresses = media_addresses(&session.sdp);
                let _ = published.send(Ok(Published { host_key: None, media_addresses }));
                ended(&mut over).await;
                session.end().await;
            }
            Err(error) => {
                let _ = published.send(Err(error));
            }
        }
        Ok(())
    }

    async fn go_live(&self, media: &Handle, number: u8) -> anyhow::Result<Agreed> {
        let offered = media.publish(number).await?;
        let agreed = self.whip.offer(offered.sdp).await?;
        if offered.layers.len() > 1 && !agreed.sdp.contains("a=simulcast:recv") {
            agreed.end().await;
            bail!("the server takes pictures in one layer only");
        }
        self.whip.take(agreed, media, number.into()).await
    }

    /// Watches until the run is over.
    pub(in crate::signaling) async fn watch(
        self,
        over: &mut Over,
        media: &Handle,
        slot: usize,
        watched: &mut Watched,
    ) -> anyhow::Result<()> {
        let joined = Instant::now();
        let offer = media.watch(slot, joined).await?;
        let agreed = self.whep.offer(offer).await?;
        watched.welcome = Some(joined.elapsed());
        let session = self.whep.take(agreed, media, slot).await?;
        ended(over).await;
        session.end().await;
        Ok(())
    }
}

fn address(url: &str) -> anyhow::Result<Url> {
    let url = if url.contains("://") { url.parse() } else { format!("http://{url}").parse() };
    let url: Url = url.context("is not a URL")?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        bail!("is not an http or https address");
    }
    Ok(url)
}

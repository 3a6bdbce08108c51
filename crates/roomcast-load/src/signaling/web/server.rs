//! A server and its addresses: one who publishes at the one, many who watch at the other, or several times
//! that.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, bail};
use reqwest::Url;
use tokio::sync::oneshot;

use super::exchange::{Agreed, Exchange};
use crate::args::{Args, NUMBER};
use crate::media::Handle;
use crate::signaling::{Over, Published, Watched, ended, media_addresses};

/// The server under load. Clones share its connections.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// By publisher; one at least.
    resources: Arc<[Resource]>,
}

/// Where one publishes, and where that is watched.
#[derive(Debug)]
struct Resource {
    whip: Exchange,
    whep: Exchange,
}

impl Server {
    /// As the command line names it; `None` when it names a node.
    pub(crate) fn new(args: &Args) -> anyhow::Result<Option<Self>> {
        let (Some(whip), Some(whep)) = (&args.whip, &args.whep) else { return Ok(None) };
        let client = Exchange::client(args.insecure)?;
        let token = args.token.as_deref();
        let whep_token = args.whep_token.as_deref().or(token).filter(|token| !token.is_empty());
        let at = |(url, token): (&str, Option<&str>), number: u8, option| {
            let of = |text: &str| text.replace(NUMBER, &(u32::from(number) + 1).to_string());
            let url = address(&of(url)).with_context(|| format!("{option} {url}"))?;
            let (client, token) = (client.clone(), token.map(of));
            anyhow::Ok(Exchange { client, url, token, option })
        };
        let resource = |number| {
            let whip = at((whip, token), number, "--whip")?;
            Ok::<_, anyhow::Error>(Resource {
                whip,
                whep: at((whep, whep_token), number, "--whep")?,
            })
        };
        let resources: anyhow::Result<Arc<[_]>> = (0..args.publishers).map(resource).collect();
        Ok(Some(Self { resources: resources? }))
    }

    /// One of its addresses, which shows which way it is reached.
    pub(crate) fn address(&self) -> anyhow::Result<&Url> {
        Ok(&self.resource(0)?.whip.url)
    }

    /// What the publisher of this number, or whoever comes next in turn, has to do with.
    fn resource(&self, number: usize) -> anyhow::Result<&Resource> {
        let place = number.checked_rem(self.resources.len());
        place.and_then(|place| self.resources.get(place)).context("nobody publishes")
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
        let whip = &self.resource(number.into())?.whip;
        let agreed = whip.offer(offered.sdp).await?;
        if offered.layers.len() > 1 && !agreed.sdp.contains("a=simulcast:recv") {
            agreed.end().await;
            bail!("the server takes pictures in one layer only");
        }
        whip.take(agreed, media, number.into()).await
    }

    /// Watches one publisher until the run is over.
    pub(in crate::signaling) async fn watch(
        self,
        over: &mut Over,
        media: &Handle,
        (slot, publisher): (usize, u8),
        watched: &mut Watched,
    ) -> anyhow::Result<()> {
        let whep = &self.resource(publisher.into())?.whep;
        let joined = Instant::now();
        let offer = media.watch(slot, joined, publisher).await?;
        let agreed = whep.offer(offer).await?;
        watched.welcome = Some(joined.elapsed());
        let session = whep.take(agreed, media, slot).await?;
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

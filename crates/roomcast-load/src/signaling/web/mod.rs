//! Through a server that speaks WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep).

mod exchange;
mod redirect;
mod refusal;
mod server;

#[cfg(test)]
mod tests;

pub(crate) use server::Server;

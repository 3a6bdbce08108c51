//! Who may do what: the one place where bearers are judged.
//!
//! A **bearer** is what a request brings along: an API key, a token (JWT), a stream key, or the host key
//! of a room. The [`Gate`] says whose it is, and turns it into a [`Pass`] with which someone enters a
//! room, or into an [`Operator`] who may use the HTTP API. What a participant may do within a room is
//! decided there, by the grants of its pass; nothing here knows an operation of a room.
//!
//! Secrets are compared in constant time. API keys are derived from the master secret of the data folder
//! and stored nowhere; stream keys and host keys are stored as hashes.

mod admit;
mod bearer;
mod cors;
mod failures;
mod gate;
mod jwks;
mod jwt;
mod keys;
mod master;
pub(crate) mod offline;
mod operator;
mod pass;
mod rates;
mod token;

pub(crate) use admit::PageCredentials;
pub(crate) use bearer::Bearer;
pub(crate) use cors::Cors;
pub(crate) use failures::Failures;
pub(crate) use gate::Gate;
pub(crate) use keys::{ApiKey, KeyId, Keys, StreamKey};
pub(crate) use master::Master;
pub(crate) use operator::{Operator, TokenRequest};
pub(crate) use pass::{Opens, Pass};

#[cfg(test)]
mod tests;

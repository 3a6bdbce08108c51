//! Roomcast: a live room in one binary.
//!
//! This crate is the shell around the pure crates: command line, configuration, HTTP and
//! WebSocket, TLS, host keys, the store, metrics, and the wiring of rooms and media. It decides
//! nothing about rooms (`roomcast-room` does) and sees no packet (`roomcast-engine` does).
//!
//! It is a library so that its tests can start a [`Node`] inside their process.

mod address_limit;
mod addresses;
mod api;
mod auth;
pub mod cli;
pub mod config;
mod connections;
mod doctor;
mod http;
mod ice;
mod metrics;
mod node;
mod prefix;
mod rooms;
mod secret;
mod secret_file;
mod store;
mod tls;
mod wall_clock;
mod webhooks;
mod whip;
mod ws;

pub use addresses::Links;
pub use config::Config;
pub use ice::SecretError;
pub use node::{Node, StartError};
pub use store::StoreError;
pub use tls::TlsError;

//! A whole node inside the test's process, spoken to over real sockets on loopback.

mod api;
mod floods;
mod links;
mod load;
mod pages;
mod program;
mod quality;
mod rooms;
mod signaling;
mod start;
mod support;
mod tokens;
mod webhooks;
mod whip;

//! Stories of the media core: shards as values, browsers as `Rtc`s, a simulated network and clock
//! between them. No socket, no sleeping.
//!
//! Each story is seeded; when one fails it names its seed, and `ROOMCAST_STORY_SEED=<seed>` replays
//! it (DTLS keys stay random: they change bytes, not the course of events).

mod camera;
mod checks;
mod client;
mod liar;
mod network;
mod pictures;
mod source;
mod stamp;
mod world;

mod beside;
mod changes;
mod closing;
mod codecs;
mod crowd;
mod feedback;
mod foreign_offers;
mod hostile_sdp;
mod ice;
mod joining;
mod key_frames;
mod late_joiners;
mod layers;
mod lies;
mod loss;
mod mute;
mod patience;
mod publisher_returns;
mod redundancy;
mod reports;
mod strangers;
mod troubles;
mod unruly;
mod watching;

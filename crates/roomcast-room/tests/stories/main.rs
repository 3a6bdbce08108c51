//! Stories of a room: each test is named after a sentence of its specification, and is played by
//! several clients on a clock that only the story moves.

mod anything;
mod calls;
mod chat;
mod chronicle;
mod coming_and_going;
mod direct;
mod engine;
mod going_live;
mod grants;
mod happenings;
mod harness;
mod identities;
mod invariants;
mod layers;
mod linked;
mod links;
mod moderation;
mod operating;
mod preferences;
mod programs;
mod receiving;
mod strugglers;
mod the_door;
mod the_end;
mod topology;
mod troubles;
mod watching;

//! Stories of a room: each test is named after a sentence of its specification, and is played by
//! several clients on a clock that only the story moves.

mod anything;
mod chat;
mod coming_and_going;
mod going_live;
mod harness;
mod moderation;
mod receiving;
mod the_end;

//! `roomcast doctor`, the real program: what it says about machines that are well, and that are not.

mod files;
mod ports;
mod program;
mod public;

//! What the fuzz targets do with their bytes. The seeds in `corpus/` also run through it in
//! `cargo test -p roomcast-turn`.

pub mod framing;
pub mod messages;

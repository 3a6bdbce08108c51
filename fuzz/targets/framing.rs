#![no_main]
//! The bytes of a connection, cut anywhere.

libfuzzer_sys::fuzz_target!(|data: &[u8]| roomcast_fuzz::framing::run(data));

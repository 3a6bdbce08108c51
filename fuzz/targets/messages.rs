#![no_main]
//! STUN and TURN messages, half of them signed, into a server with allocations.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    roomcast_fuzz::messages::run(data);
});

//! The signature of a delivery: the receiver sees that it comes from this node, and when.

use aws_lc_rs::hmac;

/// The header that bears it.
pub(super) const HEADER: &str = "roomcast-signature";

/// `t=<seconds since 1970>,v1=<hex of HMAC-SHA256 over "<t>.<body>">`, with the webhook's secret as it
/// was handed out, as bytes.
pub(super) fn signature(secret: &str, unix_seconds: u64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(unix_seconds.to_string().as_bytes());
    context.update(b".");
    context.update(body.as_bytes());
    let mut text = format!("t={unix_seconds},v1=");
    for byte in context.sign().as_ref() {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_other_implementations_compute() {
        // printf '1700000000.{"type":"room.opened"}' | openssl dgst -sha256 -hmac secret
        assert_eq!(
            signature("secret", 1_700_000_000, r#"{"type":"room.opened"}"#),
            "t=1700000000,v1=460058d532659a554b76171a69b944463223c3f208316ab831d8721de23c55a1"
        );
    }
}

//! Builds the binary anew when a file of the client is added, changed or removed: `rust-embed`
//! itself notices changes only.

fn main() {
    println!("cargo:rerun-if-changed=../../web");
}

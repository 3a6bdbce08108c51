//! What a person reads after the start: version, addresses, a QR code, where the data is.

use std::io::{self, IsTerminal as _, Write as _};

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use crate::node::Node;

/// Prints it to the standard output.
pub(super) fn announce(node: &Node) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let links = node.links();
    writeln!(out, "Roomcast {}\n", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "  Open on this machine   {}", links.local)?;
    list(&mut out, "To watch from the LAN", &links.lan)?;
    list(&mut out, "To go live from there", &links.lan_secure)?;
    list(&mut out, "From anywhere", &links.public)?;
    if let Some(lan) = links.lan.first()
        && out.is_terminal()
    {
        writeln!(out, "\n{}", qr(lan))?;
    }
    writeln!(out, "\n  Data                   {}", node.data().display())?;
    writeln!(out, "  Stop                   press Ctrl-C")?;
    if let Some(key) = node.first_api_key() {
        writeln!(out, "\n  Dashboard              {}/admin", links.local)?;
        writeln!(out, "  Its key, shown once    {key}")?;
    }
    out.flush()
}

fn list(out: &mut impl io::Write, what: &str, links: &[String]) -> io::Result<()> {
    for (index, link) in links.iter().enumerate() {
        let label = if index == 0 { what } else { "" };
        writeln!(out, "  {label:<21}  {link}")?;
    }
    Ok(())
}

/// The link as half blocks, light on dark: phones read it in either colour scheme because the quiet
/// zone is drawn too.
fn qr(link: &str) -> String {
    QrCode::new(link).map_or_else(
        |_too_long| String::new(),
        |code| {
            code.render::<Dense1x2>()
                .dark_color(Dense1x2::Light)
                .light_color(Dense1x2::Dark)
                .quiet_zone(true)
                .build()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_square_of_half_blocks() {
        let drawn = qr("http://192.0.2.1:8443");
        let lines: Vec<&str> = drawn.lines().collect();
        assert!(lines.len() > 10);
        assert!(drawn.chars().all(|c| " ▀▄█\n".contains(c)));
    }
}

//! A report as a person reads it.

use std::fmt;

use super::{Join, Joining, Own, Report, Step};
use crate::args::Goal;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_viewers(f)?;
        if self.until == Goal::Picture {
            self.write_packets(f)?;
        }
        self.write_node(f)?;
        for (reason, count) in &self.failures {
            writeln!(f, "failed       {count} × {reason}")?;
        }
        let verdict = self.shortfall();
        writeln!(
            f,
            "verdict      {}",
            verdict.as_deref().unwrap_or(match self.until {
                Goal::Picture => "every viewer got every packet",
                _ => "every viewer came and stayed",
            })
        )
    }
}

impl Report {
    fn write_viewers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let viewers = &self.viewers;
        writeln!(
            f,
            "viewers      {} asked, {} welcomed, {} connected, {} with a picture",
            viewers.asked, viewers.welcomed, viewers.connected, viewers.with_picture
        )?;
        if viewers.disconnects > 0 || viewers.sessions_closed > 0 {
            writeln!(
                f,
                "             {} lost the node, {} sessions closed by it",
                viewers.disconnects, viewers.sessions_closed
            )?;
        }
        writeln!(f, "             {} key frames asked for", viewers.key_frames_asked)?;
        let publishers = &self.publishers;
        writeln!(
            f,
            "publishers   {} key frames asked of them, {} in a second at most",
            publishers.key_frames_asked, publishers.key_frames_in_a_second
        )?;
        if !self.layers.is_empty() {
            let had = self.layers.iter().map(|had| format!("{} {}, ", had.rid, had.viewers));
            let had = had.collect::<String>();
            writeln!(f, "layers       {had}{} switches", self.switches)?;
        }
        self.write_joining(f)?;
        self.write_join(f)
    }

    fn write_joining(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Joining { seconds, per_second, node_ms_each, own_ms_each } = self.joining;
        write!(f, "joining      all within {seconds:.2} s, {per_second:.0} a second")?;
        if let Some(spent) = node_ms_each {
            write!(f, "; server {spent:.3} ms of CPU each")?;
        }
        if let Some(spent) = own_ms_each {
            write!(f, "; load {spent:.3} ms each")?;
        }
        writeln!(f)
    }

    fn write_join(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Join { socket, welcome, offer, connected, first_packet, first_picture } = &self.join;
        writeln!(f, "from join    {:>9}{:>9}{:>9}   ms", "p50", "p95", "max")?;
        if socket.max > 0.0 {
            write_step(f, "(socket)", socket)?;
        }
        write_step(f, "welcome", welcome)?;
        if offer.max > 0.0 {
            write_step(f, "offer", offer)?;
        }
        if self.until >= Goal::Connected {
            write_step(f, "connected", connected)?;
        }
        if self.until == Goal::Picture {
            write_step(f, "packet", first_packet)?;
            write_step(f, "picture", first_picture)?;
        }
        Ok(())
    }

    fn write_packets(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let packets = &self.packets;
        writeln!(
            f,
            "packets      {} of {} in {:.1} s, {} lost, {} again, {} late",
            packets.received,
            packets.expected,
            packets.seconds,
            packets.lost,
            packets.duplicates,
            packets.late
        )?;
        let (all, each) = (packets.bits_per_second / 1e6, packets.bits_per_viewer / 1e6);
        writeln!(
            f,
            "             {:.0} packets a second, {all:.1} Mbit/s, {each:.2} Mbit/s a viewer",
            packets.per_second
        )?;
        if packets.arrived != packets.received + packets.duplicates {
            let arrived = packets.arrived;
            writeln!(f, "             in {arrived} packets of the server, which cuts them anew")?;
        }
        if packets.dropped > 0 {
            writeln!(f, "             {} dropped on the way by --loss", packets.dropped)?;
        }
        if packets.unsent > 0 {
            writeln!(f, "             {} not sent by the load generator", packets.unsent)?;
        }
        let latency = &self.latency;
        writeln!(
            f,
            "latency      p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
            latency.p50, latency.p99, latency.max
        )
    }

    fn write_node(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(node) = &self.node {
            write!(f, "server       ")?;
            if self.until == Goal::Picture {
                write!(f, "{:.2} µs of CPU a packet, ", node.cpu_us_per_packet)?;
            }
            writeln!(
                f,
                "{:.3} cores{}",
                node.cores,
                if node.processes > 1 {
                    format!(", {} processes", node.processes)
                } else {
                    String::new()
                }
            )?;
            writeln!(
                f,
                "             {:.0} MiB empty, {:.0} MiB now, {:.0} KiB a viewer",
                node.rss_mib_empty, node.rss_mib, node.rss_kib_per_viewer
            )?;
        }
        if let Some(counters) = self.counters.as_ref().filter(|_| self.until == Goal::Picture) {
            writeln!(
                f,
                "counters     {:.2} packets a send call, {:.0} out, {:.0} forwarded, {:.0} dropped",
                counters.average_group, counters.packets_out, counters.forwarded, counters.drops
            )?;
            writeln!(
                f,
                "             {:.2} µs of the media threads a forwarded packet, {:.0} % by the short way",
                counters.media_cpu_us_per_packet, counters.beside_percent
            )?;
        }
        let Some(Own { cores, cpu_us_per_packet }) = &self.own else { return Ok(()) };
        write!(f, "load         ")?;
        if self.until == Goal::Picture {
            write!(f, "{cpu_us_per_packet:.2} µs of CPU a packet, ")?;
        }
        writeln!(f, "{cores:.2} cores for itself")
    }
}

fn write_step(f: &mut fmt::Formatter<'_>, name: &str, step: &Step) -> fmt::Result {
    writeln!(f, "  {name:<10} {:>9.1}{:>9.1}{:>9.1}", step.p50, step.p95, step.max)
}

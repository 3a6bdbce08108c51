//! Offers in the manner of clients that are no browsers, each with what is peculiar to it. Written by
//! hand around the keys of a peer that then connects and sends.

use roomcast_sfu::{Codec, Command, Event, Path, Patience, PublishedTrack};
use str0m::RtcConfig;

use crate::joining::{CAMERA, MICROPHONE};
use crate::network::Conditions;
use crate::world::{Who, World};

/// What of an offer is the peer's own.
struct Keys {
    ufrag: String,
    password: String,
    fingerprint: String,
    /// The SSRCs of sound and picture.
    sources: [String; 2],
}

fn keys(offer: &str) -> Keys {
    let all = |name: &str| {
        let values = offer.lines().filter_map(|line| line.strip_prefix(name));
        values.map(str::to_owned).collect::<Vec<_>>()
    };
    let first = |name: &str| all(name).swap_remove(0);
    let mut sources: Vec<String> =
        all("a=ssrc:").iter().filter_map(|s| Some(s.split_once(" cname")?.0.into())).collect();
    sources.dedup();
    Keys {
        ufrag: first("a=ice-ufrag:"),
        password: first("a=ice-pwd:"),
        fingerprint: first("a=fingerprint:"),
        sources: [sources[0].clone(), sources[1].clone()],
    }
}

/// One of each section: keys in both, numbers of its own, no resends.
fn ffmpeg(keys: &Keys) -> String {
    let Keys { ufrag, password, fingerprint, sources: [audio, video] } = keys;
    let keys = format!(
        "c=IN IP4 0.0.0.0\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\n\
        a=fingerprint:{fingerprint}\r\na=setup:passive\r\n"
    );
    format!(
        "v=0\r\no=FFmpeg 4489045141692799359 2 IN IP4 127.0.0.1\r\ns=FFmpegPublishSession\r\n\
        t=0 0\r\na=group:BUNDLE 0 1\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n{keys}a=mid:0\r\na=sendonly\r\na=msid:FFmpeg audio\r\n\
        a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=ssrc:{audio} cname:FFmpeg\r\n\
        a=ssrc:{audio} msid:FFmpeg audio\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 106\r\n{keys}a=mid:1\r\na=sendonly\r\na=msid:FFmpeg video\r\n\
        a=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:106 H264/90000\r\n\
        a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\n\
        a=ssrc:{video} cname:FFmpeg\r\na=ssrc:{video} msid:FFmpeg video\r\n"
    )
}

/// Keys of the session, many candidates, among them names and TCP, real ports, LF, a data section.
fn libdatachannel(keys: &Keys) -> String {
    let Keys { ufrag, password, fingerprint, sources: [audio, video] } = keys;
    let candidates = "a=candidate:1 1 UDP 2122317823 192.168.1.20 53567 typ host\n\
        a=candidate:2 1 UDP 2122315767 fe80::1%eth0 53567 typ host\n\
        a=candidate:3 1 UDP 2122315519 0b7c6c5e-aaaa.local 53567 typ host\n\
        a=candidate:4 1 TCP 1518280447 192.168.1.20 9 typ host tcptype active\n\
        a=candidate:5 1 UDP 1686109951 203.0.113.9 53567 typ srflx raddr 0.0.0.0 rport 0\n\
        a=end-of-candidates\n";
    format!(
        "v=0\no=rtc 3767197920 0 IN IP4 127.0.0.1\ns=-\nt=0 0\na=group:BUNDLE 0 1 data\n\
        a=group:LS 0 1\na=msid-semantic:WMS *\na=setup:actpass\na=ice-ufrag:{ufrag}\n\
        a=ice-pwd:{password}\na=ice-options:ice2,trickle\na=fingerprint:{fingerprint}\n\
        m=audio 53567 UDP/TLS/RTP/SAVPF 111\nc=IN IP4 192.168.1.20\na=mid:0\na=sendonly\n\
        a=ssrc:{audio} cname:obs\na=ssrc:{audio} msid:obs obs-audio\na=msid:obs obs-audio\n\
        a=rtcp-mux\na=rtpmap:111 opus/48000/2\n\
        a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1\n\
        {candidates}\
        m=video 53567 UDP/TLS/RTP/SAVPF 106\nc=IN IP4 192.168.1.20\na=mid:1\na=sendonly\n\
        a=ssrc:{video} cname:obs\na=rtcp-mux\na=rtpmap:106 H264/90000\na=rtcp-fb:106 nack\n\
        a=rtcp-fb:106 nack pli\na=rtcp-fb:106 goog-remb\n\
        a=fmtp:106 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1\n\
        m=application 53567 UDP/DTLS/SCTP webrtc-datachannel\nc=IN IP4 192.168.1.20\na=mid:data\n\
        a=sendrecv\na=sctp-port:5000\na=max-message-size:262144\n"
    )
}

/// Words for names, the picture first, the sound bundle-only with port 0, feedback for all.
fn gstreamer(keys: &Keys) -> String {
    let Keys { ufrag, password, fingerprint, sources: [audio, video] } = keys;
    let keys = format!(
        "c=IN IP4 0.0.0.0\r\na=setup:actpass\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\n\
        a=rtcp-mux\r\na=rtcp-rsize\r\na=sendonly\r\na=fingerprint:{fingerprint}\r\n"
    );
    format!(
        "v=0\r\no=- 5387435683285826783 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n\
        a=ice-options:trickle\r\na=group:BUNDLE video-0 audio1\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 106\r\n{keys}a=rtpmap:106 H264/90000\r\na=framerate:30\r\n\
        a=fmtp:106 packetization-mode=1;profile-level-id=42c01f;profile=constrained-baseline\r\n\
        a=rtcp-fb:106 ccm fir\r\na=rtcp-fb:* nack pli\r\na=ssrc:{video} msid:user host\r\n\
        a=ssrc:{video} cname:user\r\na=mid:video-0\r\n\
        m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n{keys}a=bundle-only\r\na=rtpmap:111 OPUS/48000/2\r\n\
        a=fmtp:111 sprop-maxcapturerate=48000;sprop-stereo=0\r\na=ssrc:{audio} cname:user\r\n\
        a=mid:audio1\r\n"
    )
}

/// Both ways, three fingerprints, codecs of the telephone, the credentials behind the candidates.
fn aiortc(keys: &Keys) -> String {
    let Keys { ufrag, password, fingerprint, sources: [audio, video] } = keys;
    let keys = format!(
        "a=candidate:6b1 1 udp 2130706431 127.0.0.1 54321 typ host\r\na=end-of-candidates\r\n\
        a=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\na=fingerprint:sha-512 AA:BB\r\n\
        a=fingerprint:{fingerprint}\r\na=fingerprint:sha-384 CC:DD\r\na=setup:actpass\r\n"
    );
    format!(
        "v=0\r\no=- 3890000000 3890000000 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n\
        a=group:BUNDLE 0 1\r\na=msid-semantic:WMS *\r\n\
        m=audio 54321 UDP/TLS/RTP/SAVPF 111 9 0 8\r\nc=IN IP4 127.0.0.1\r\na=sendrecv\r\n\
        a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\n\
        a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=mid:0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n\
        a=rtcp-mux\r\na=ssrc:{audio} cname:x\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:9 G722/8000\r\n\
        a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n{keys}\
        m=video 54321 UDP/TLS/RTP/SAVPF 106\r\nc=IN IP4 127.0.0.1\r\na=sendrecv\r\na=mid:1\r\n\
        a=rtcp-mux\r\na=ssrc:{video} cname:x\r\na=rtpmap:106 H264/90000\r\na=rtcp-fb:106 nack\r\n\
        a=fmtp:106 packetization-mode=1;level-asymmetry-allowed=1;profile-level-id=42e01f\r\n{keys}"
    )
}

/// An encoder that has this number for H264, and does not read the answer's.
fn encoder(config: RtcConfig) -> RtcConfig {
    let mut config = config.clear_codecs().enable_opus(true, false);
    config.codec_config().add_h264(106.into(), None, true, 0x42_E0_1F);
    config
}

/// Opens a session by an offer in this manner; the names of its sections are given by kind.
fn publish(world: &mut World, offer_like: fn(&Keys) -> String, mids: [&str; 2]) -> Who {
    let who = world.client(encoder);
    let now = world.now;
    let publications = [(MICROPHONE, false), (CAMERA, true)];
    let (offer, _) = world.clients[who].offer(now, &publications, &[], false);
    let own: Vec<_> = world.clients[who].sources.iter().map(|s| s.mid.to_string()).collect();
    let offer = offer_like(&keys(&offer));
    let track = |(mid, (publication, _)): (&str, _)| PublishedTrack {
        mid: mid.into(),
        publication,
        layers: Vec::new(),
    };
    let tracks = mids.into_iter().zip(publications).map(track).collect();
    let session = world.session(who);
    world.clients[who].reads_answers = false;
    world.command(Command::Publish { session, offer, tracks, patience: Patience::Brief });
    let told = world.events_of(who);
    let Some(Event::Answered { answer, .. }) = told.last() else { panic!("{told:?}") };
    let answer = answer.clone();
    world.clients[who].take_answer(&as_the_peer_reads_it(&answer, mids, &own));
    who
}

/// The peer behind these offers wrote another one: its sections have other names, and sound first.
fn as_the_peer_reads_it(answer: &str, mids: [&str; 2], own: &[String]) -> String {
    let (session, sections) = answer.split_once("\r\nm=").expect("sections");
    let sections: Vec<_> = sections.split("\r\nm=").collect();
    let named = |mid: &str| {
        let line = format!("a=mid:{mid}\r\n");
        let section = sections.iter().find(|s| s.contains(&line)).expect("a section");
        section.trim_end().replace(&format!("a=mid:{mid}\r\n"), "")
    };
    let group = format!("a=group:BUNDLE {} {}", own[0], own[1]);
    let session = session.lines().map(|l| if l.starts_with("a=group") { &group } else { l });
    let mut text = session.map(|line| format!("{line}\r\n")).collect::<String>();
    for (mid, own) in mids.into_iter().zip(own) {
        text += &format!("m={}\r\na=mid:{own}\r\n", named(mid));
    }
    ["42001f", "42c01f"].iter().fold(text, |text, profile| text.replace(profile, "42e01f"))
}

#[test]
fn every_manner_of_offer_leads_to_sound_and_picture() {
    type Manner = (fn(&Keys) -> String, [&'static str; 2]);
    let manners: [Manner; 4] = [
        (ffmpeg, ["0", "1"]),
        (libdatachannel, ["0", "1"]),
        (gstreamer, ["audio1", "video-0"]),
        (aiortc, ["0", "1"]),
    ];
    for (index, (manner, mids)) in manners.into_iter().enumerate() {
        let mut world = World::new(340 + index as u64, 2);
        let host = publish(&mut world, manner, mids);
        let viewer = world.subscriber(&[(CAMERA, true), (MICROPHONE, false)]);
        world.await_connected(&[host, viewer]);
        world.run_ms(1_000);
        let started = |publication, codec| {
            let session = world.session(host);
            let event = Event::PublicationStarted { session, publication, codec };
            world.events_of(host).contains(&&event)
        };
        assert!(started(MICROPHONE, Codec::Opus), "{index}; {world}");
        assert!(started(CAMERA, Codec::H264), "{index}; {world}");
        world.assert_complete(viewer, MICROPHONE);
    }
}

#[test]
fn who_resends_without_a_stream_for_it_is_asked_and_who_does_not_resend_is_not() {
    for (manner, is_asked) in [(libdatachannel as fn(&Keys) -> String, true), (ffmpeg, false)] {
        let mut world = World::new(350, 1);
        let host = publish(&mut world, manner, ["0", "1"]);
        world.await_connected(&[host]);
        world.network.up = Conditions::lossy(0.05);
        world.run_ms(12_000);
        let session = world.session(host);
        let reports = world.shards[0].report(world.now, |s| s == session, &|_| Path::Direct);
        assert!(reports[0].lost_in > 10, "{reports:?}; {world}");
        assert_eq!(reports[0].nacks > 5, is_asked, "{reports:?}; {world}");
    }
}

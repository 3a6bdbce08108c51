use super::*;

const HEAD: &str = "v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
const KEYS: &str = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\n\
    a=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\n";
const VIDEO: &str = "m=video 9 UDP/TLS/RTP/SAVPF 106\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\n\
    a=sendonly\r\na=rtcp-mux\r\na=rtpmap:106 H264/90000\r\n\
    a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n";
const AUDIO: &str = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n\
    a=sendonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n";

fn read(text: &str) -> Result<PeerOffer, RefusedReason> {
    PeerOffer::read(text, Purpose::Publish)
}

fn flowing(text: &str) -> Vec<String> {
    read(text).unwrap().flowing().iter().map(|(mid, _)| mid.to_string()).collect()
}

fn offer(sections: &str) -> String {
    format!("{HEAD}{KEYS}a=group:BUNDLE 0 1\r\n{sections}")
}

#[test]
fn what_is_no_description_is_invalid_and_what_offers_nothing_unusable() {
    let invalid = ["", "v=0", "v=0\r\ns=-\r\n", "nonsense", "{\"type\":\"offer\"}"];
    for text in invalid {
        assert_eq!(read(text).unwrap_err(), RefusedReason::Invalid, "{text}");
    }
    for missing in ["a=ice-ufrag", "a=ice-pwd", "a=fingerprint"] {
        let text = offer(VIDEO).replace(missing, "a=other");
        assert_eq!(read(&text).unwrap_err(), RefusedReason::Invalid, "{missing}");
    }
    let echoed = offer(VIDEO).replace("a=mid:1", "a=mid:1\ra=candidate:1");
    assert_eq!(read(&echoed).unwrap_err(), RefusedReason::Invalid);
    assert_eq!(read(&offer(&VIDEO.repeat(129))).unwrap_err(), RefusedReason::Invalid);
    let endless = format!("{}{}", offer(VIDEO), "a=x:y\r\n".repeat(1_000));
    assert_eq!(read(&endless).unwrap_err(), RefusedReason::Invalid);
    assert_eq!(read(&format!("{HEAD}{KEYS}")).unwrap_err(), RefusedReason::Unusable);
    let lite = format!("{HEAD}a=ice-lite\r\n{KEYS}{VIDEO}");
    assert_eq!(read(&lite).unwrap_err(), RefusedReason::Unusable);
}

#[test]
fn lines_of_any_end_and_order_are_read() {
    let text = offer(&format!("{AUDIO}{VIDEO}"));
    for text in [
        text.replace("\r\n", "\n"),
        text.replace("\r\n", "\n\n"),
        text.replace("c=IN IP4 0.0.0.0\r\n", "i=picture\r\nb=AS:4000\r\nb=TIAS:4000000\r\n"),
        text.replace("t=0 0", "t=3724394400 3724398000\r\nr=604800 3600 0 90000"),
        text.replace(
            "a=rtcp-mux\r\n",
            "a=rtcp-mux\r\na=rtcp-mux-only\r\na=framerate:30\r\na=x:\r\n",
        ),
        text.replace("UDP/TLS/RTP/SAVPF", "RTP/SAVPF"),
        text.replace("a=sendonly\r\n", ""),
        text.replace("a=sendonly", "a=sendrecv"),
    ] {
        assert_eq!(flowing(&text), ["0", "1"], "{text}");
    }
}

#[test]
fn credentials_are_found_wherever_they_stand() {
    let in_each =
        |section: &str| section.replace("a=rtcp-mux\r\n", &format!("a=rtcp-mux\r\n{KEYS}"));
    let group = "a=group:BUNDLE 0 1\r\n";
    for text in [
        format!("{HEAD}{KEYS}{group}{AUDIO}{VIDEO}"),
        format!("{HEAD}{group}{}{}", in_each(AUDIO), in_each(VIDEO)),
        format!("{HEAD}{group}{}{VIDEO}", in_each(AUDIO)),
        format!("{HEAD}{group}{AUDIO}{}", in_each(VIDEO)),
        format!("{HEAD}{}{}", in_each(AUDIO), in_each(VIDEO)),
    ] {
        assert_eq!(flowing(&text), ["0", "1"], "{text}");
        let plain = read(&text).unwrap().plain();
        assert_eq!(plain.matches("a=ice-ufrag:abcd").count(), 1, "{plain}");
        assert_eq!(plain.matches("a=fingerprint:sha-256 AA:BB").count(), 1, "{plain}");
    }
    let several = "a=fingerprint:SHA-512 CC\r\na=fingerprint:SHA-256 AA:BB\r\n";
    let text = offer(VIDEO).replace("a=fingerprint:sha-256 AA:BB\r\n", several);
    assert!(read(&text).unwrap().plain().contains("a=fingerprint:sha-256 AA:BB\r\n"));
}

#[test]
fn a_section_with_port_0_is_rejected_unless_it_is_bundled() {
    let rejected = VIDEO.replace("m=video 9", "m=video 0");
    assert_eq!(flowing(&offer(&format!("{AUDIO}{rejected}"))), ["0", "1"]);
    let alone = format!("{HEAD}{KEYS}a=group:BUNDLE 0\r\n{AUDIO}{rejected}");
    assert_eq!(flowing(&alone), ["0"]);
    assert_eq!(flowing(&format!("{HEAD}{KEYS}{AUDIO}{rejected}")), ["0"]);
}

#[test]
fn a_section_with_credentials_of_its_own_and_no_bundle_is_rejected() {
    let other = VIDEO.replace("a=mid:1", "a=mid:1\r\na=ice-ufrag:wxyz");
    assert_eq!(flowing(&format!("{HEAD}{KEYS}{AUDIO}{other}")), ["0"]);
}

#[test]
fn every_usual_kind_of_h264_keeps_its_number_and_parameters() {
    for profile in ["42001f", "42e01f", "4d001f", "64001f", "640028", "42c01f", "42E01F"] {
        for mode in ["0", "1"] {
            let parameters = format!("profile-level-id={profile}; packetization-mode={mode}");
            let text = offer(VIDEO).replace(
                "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
                &format!("{parameters}; sprop-parameter-sets=Z0IAHo==,aM4G4g=="),
            );
            let offer = read(&text).unwrap();
            let [payload] = offer.payloads()[..] else { panic!("{text}") };
            assert_eq!(*payload.pt(), 106);
            let expected = u32::from_str_radix(profile, 16).ok();
            assert_eq!(payload.spec().format.profile_level_id, expected);
            let answered = offer.plain();
            assert!(answered.contains(&format!("packetization-mode={mode};")), "{answered}");
        }
    }
    let bare = offer(VIDEO).split("a=fmtp").next().unwrap().to_owned();
    assert_eq!(read(&bare).unwrap().payloads().len(), 1);
    let interleaved = offer(VIDEO).replace("packetization-mode=1", "packetization-mode=2");
    assert_eq!(read(&interleaved).unwrap().payloads().len(), 0);
}

#[test]
fn payload_types_come_in_the_order_of_the_offer_with_their_resends() {
    let section = "m=video 9 UDP/TLS/RTP/SAVPF 45 102 103 96 72 200 35\r\na=mid:1\r\na=sendonly\r\n\
        a=rtpmap:96 VP8/90000\r\na=rtpmap:102 h264/90000\r\na=rtpmap:103 rtx/90000\r\n\
        a=fmtp:103 apt=102\r\na=rtpmap:45 AV1/90000\r\na=rtpmap:35 H265/90000\r\n\
        a=rtpmap:72 VP9/90000\r\na=rtcp-fb:* nack\r\na=rtcp-fb:102 nack pli\r\n";
    let offer = read(&offer(section)).unwrap();
    let numbers: Vec<_> =
        offer.payloads().iter().map(|p| (*p.pt(), p.resend().map(|r| *r))).collect();
    assert_eq!(numbers, [(45, None), (102, Some(103)), (96, None)], "72 is RTCP's, 35 unknown");
    let plain = offer.plain();
    assert!(plain.contains("m=video 9 UDP/TLS/RTP/SAVPF 45 102 103 96\r\n"), "{plain}");
    assert!(plain.contains("a=rtcp-fb:102 nack\r\na=rtcp-fb:102 nack pli\r\n"), "{plain}");
}

#[test]
fn several_encodings_are_taken_up_by_their_names() {
    let layers = "a=rid:h send\r\na=rid:l send\r\na=simulcast:send h;l\r\na=ssrc:5 cname:x\r\n";
    let plain = read(&offer(&format!("{VIDEO}{layers}"))).unwrap().plain();
    assert!(plain.contains("a=rid:h send\r\na=rid:l send\r\na=simulcast:send h;l\r\n"), "{plain}");
    assert!(!plain.contains("ssrc"), "{plain}");
    let paused = "a=rid:1 send pt=106\r\na=rid:2 send\r\na=simulcast: send 1,2;~2 recv 3\r\n";
    let plain = read(&offer(&format!("{VIDEO}{}", paused.replace(": send", ":send")))).unwrap();
    assert!(plain.plain().contains("a=simulcast:send 1;2\r\n"), "{}", plain.plain());
}

#[test]
fn of_encodings_that_cannot_be_told_apart_none_is_taken_up() {
    let bad = ["h;h", "h", "h;unknown", "h;l;m;n", "", "h;l-1", "h;muchtoolong"];
    for simulcast in bad {
        let named = "h l m n l-1 muchtoolong".split(' ');
        let rids = named.map(|rid| format!("a=rid:{rid} send\r\n")).collect::<String>();
        let layers = format!("{rids}a=simulcast:send {simulcast}\r\n");
        let plain = read(&offer(&format!("{VIDEO}{layers}"))).unwrap().plain();
        assert_eq!(plain.contains("simulcast"), simulcast == "h", "{simulcast}: {plain}");
    }
}

#[test]
fn of_more_sections_than_a_session_has_the_rest_stays_inactive() {
    let sections = (0..70).map(|n| VIDEO.replace("a=mid:1", &format!("a=mid:{n}")));
    let text = format!("{HEAD}{KEYS}{}", sections.collect::<String>());
    let offer = read(&text).unwrap();
    assert_eq!(offer.flowing().len(), MAX_SLOTS);
    assert_eq!(offer.plain().matches("a=inactive").count(), 70 - MAX_SLOTS);
}

#[test]
fn a_description_that_is_made_to_be_slow_is_not() {
    let numbers = (96..128).map(|n| format!(" {n}")).collect::<String>();
    let maps = "a=rtpmap:127 rtx/90000\r\na=fmtp:127 apt=1\r\n".repeat(400);
    let section =
        format!("m=video 9 UDP/TLS/RTP/SAVPF{numbers}\r\n{maps}a=rtpmap:96 VP8/90000\r\n");
    let text = format!("{HEAD}{KEYS}{}", section.repeat(16));
    assert_eq!(read(&text).unwrap().payloads().len(), 1);
}

#[test]
fn an_answer_has_the_sections_and_the_names_of_its_offer() {
    let long = "5f0c9f4e-1111-2222-3333-444444444444";
    let data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:data\r\n";
    let subtitles = "m=text 9 RTP/AVP 98\r\na=mid:sub\r\n";
    let unknown = VIDEO.replace("H264", "H265").replace("a=mid:1", "a=mid:old");
    let video = VIDEO.replace("a=mid:1", &format!("a=mid:{long}")).replace("UDP/TLS/", "");
    let group = format!("a=group:BUNDLE data old {long}\r\n");
    let offer = read(&format!("{HEAD}{KEYS}{group}{data}{unknown}{subtitles}{video}")).unwrap();
    assert_eq!(offer.plain().matches("\r\nm=").count(), 2, "{}", offer.plain());
    let answer = "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 5f0c9f4e_1111_22\r\n\
        m=video 0 UDP/TLS/RTP/SAVPF 0\r\na=mid:old\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n\
        a=inactive\r\nm=video 9 UDP/TLS/RTP/SAVPF 106\r\na=mid:5f0c9f4e_1111_22\r\na=recvonly\r\n";
    let expected = format!(
        "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {long}\r\n\
        m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:data\r\na=inactive\r\n\
        m=video 0 UDP/TLS/RTP/SAVPF 106\r\nc=IN IP4 0.0.0.0\r\na=mid:old\r\na=inactive\r\n\
        m=text 0 RTP/AVP 98\r\nc=IN IP4 0.0.0.0\r\na=mid:sub\r\na=inactive\r\n\
        m=video 9 RTP/SAVPF 106\r\na=mid:{long}\r\na=recvonly\r\n\
        a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
    );
    assert_eq!(offer.answer(answer), expected);
}

#[test]
fn sound_and_picture_of_a_receiver_are_of_one_stream() {
    let second = |section: &str, mid: &str| {
        section.replace("a=mid:0", mid).replace("a=mid:1", mid).replace("sendonly", "recvonly")
    };
    let all = [(AUDIO, "a=mid:0"), (VIDEO, "a=mid:1"), (VIDEO, "a=mid:2"), (AUDIO, "a=mid:3")];
    let sections = all.map(|(section, mid)| second(section, mid)).concat();
    let text = offer(&sections).replace("BUNDLE 0 1", "BUNDLE 0 1 2 3");
    let offer = PeerOffer::read(&text, Purpose::Watch).unwrap();
    let answered = |(section, mid): (&str, &str)| {
        let kind = section.split(' ').next().unwrap();
        format!(
            "{kind} 9 UDP/TLS/RTP/SAVPF 96\r\n{mid}\r\na=msid:x{mid} t\r\na=ssrc:7 msid:x{mid} t\r\n"
        )
    };
    let answer = offer.answer(&format!("v=0\r\n{}", all.map(answered).concat()));
    let streams: Vec<_> = answer.lines().filter_map(|l| l.strip_prefix("a=msid:")).collect();
    assert_eq!(streams, ["stream1 t", "stream1 t", "stream2 t", "stream2 t"]);
    assert_eq!(answer.matches("a=ssrc:7 msid:stream1 t").count(), 2, "{answer}");
}

#[test]
fn receivers_may_take_redundant_sound_and_publishers_are_not_asked_for_it() {
    let red = "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n";
    let formats = |audio: &str| audio.replace("SAVPF 111", "SAVPF 111 63");
    let text = offer(&formats(&format!("{AUDIO}{red}"))).replace("sendonly", "recvonly");
    let plain = PeerOffer::read(&text, Purpose::Watch).unwrap().plain();
    assert!(plain.contains("SAVPF 111 63\r\n") && plain.contains(red), "{plain}");
    assert!(PeerOffer::read(&text, Purpose::Watch).unwrap().payloads()[0].red().is_some());
    let published = read(&text.replace("recvonly", "sendonly")).unwrap();
    assert!(!published.plain().contains("red/"), "{}", published.plain());
    assert_eq!(published.payloads()[0].red(), None);
    for other in ["111/0", "63/63", "111", "96/111"] {
        let text = text.replace("111/111", other);
        let offer = PeerOffer::read(&text, Purpose::Watch).unwrap();
        assert_eq!(offer.plain().contains("red/"), other == "111", "{other}");
    }
}

#[test]
fn two_sections_with_redundant_sound_are_one_payload_type() {
    let red = "a=rtpmap:63 red/48000/2\r\na=fmtp:63 96/96\r\n";
    let first = format!("{AUDIO}{red}").replace("111", "96");
    let second = first.replace("a=mid:0", "a=mid:1");
    let text = offer(&format!("{first}{second}")).replace("sendonly", "recvonly");
    assert_eq!(PeerOffer::read(&text, Purpose::Watch).unwrap().payloads().len(), 1);
}

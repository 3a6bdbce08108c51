//! Connections over loopback: in the clear, through TLS, and with a reader that does not read.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

use super::Stream;

/// Whatever is awaited has come by then, also on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

fn eventually<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let start = Instant::now();
    loop {
        match attempt() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                assert!(start.elapsed() < DEADLINE, "nothing came");
                std::thread::yield_now();
            }
            other => return other,
        }
    }
}

fn read(stream: &mut Stream) -> io::Result<Vec<u8>> {
    let mut bytes = [0; 1_024];
    let count = eventually(|| stream.read(&mut bytes))?;
    Ok(bytes[..count].to_vec())
}

#[test]
fn parts_that_were_pushed_arrive_as_one() {
    let (mut client, server) = pair();
    let mut stream = Stream::new(server, None).unwrap();
    client.write_all(b"ask").unwrap();
    assert_eq!(read(&mut stream).unwrap(), b"ask");
    stream.push(&[b"ans", b"", b"wer"]);
    assert_eq!(stream.waiting(), 6);
    assert!(stream.flush().unwrap());
    let mut answer = [0; 6];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"answer");
    drop(client);
    assert_eq!(read(&mut stream).unwrap(), b"");
}

#[test]
fn what_a_slow_reader_does_not_take_waits_and_is_not_lost() {
    let (mut client, server) = pair();
    let mut stream = Stream::new(server, None).unwrap();
    let piece = [7; 64 * 1_024];
    let mut pushed = 0;
    loop {
        stream.push(&[&piece]);
        pushed += piece.len();
        if !stream.flush().unwrap() {
            break;
        }
    }
    let waits = stream.waiting();
    assert!(waits > 0);
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        client.read_to_end(&mut bytes).unwrap();
        bytes.len()
    });
    eventually(|| if stream.flush()? { Ok(()) } else { Err(io::ErrorKind::WouldBlock.into()) })
        .unwrap();
    drop(stream);
    assert_eq!(reader.join().unwrap(), pushed);
}

/// Both ends of a TLS connection whose handshake is done, with `early` decrypted but not read.
fn shaken(early: &[u8]) -> (rustls::StreamOwned<ClientConnection, TcpStream>, Stream) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let certificate: CertificateDer<'static> = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(Arc::new(client), name).unwrap();
    let mut server = ServerConnection::new(Arc::new(server)).unwrap();
    let (mut near, mut far) = pair();
    let early = early.to_vec();
    let shaking = std::thread::spawn(move || {
        client.complete_io(&mut near).unwrap();
        client.writer().write_all(&early).unwrap();
        client.complete_io(&mut near).unwrap();
        rustls::StreamOwned::new(client, near)
    });
    while server.is_handshaking() {
        server.complete_io(&mut far).unwrap();
    }
    let client = shaking.join().unwrap();
    (client, Stream::new(far, Some(server)).unwrap())
}

#[test]
fn a_tls_connection_goes_on_where_the_handshake_left_it() {
    let (mut client, mut stream) = shaken(b"early");
    assert_eq!(read(&mut stream).unwrap(), b"early");
    let long = vec![5; 200_000];
    let reader = std::thread::spawn(move || {
        let mut bytes = vec![0; 200_000];
        client.read_exact(&mut bytes).unwrap();
        client.write_all(b"late").unwrap();
        client.flush().unwrap();
        (client, bytes)
    });
    stream.push(&[&long]);
    eventually(|| if stream.flush()? { Ok(()) } else { Err(io::ErrorKind::WouldBlock.into()) })
        .unwrap();
    assert_eq!(read(&mut stream).unwrap(), b"late");
    assert_eq!(reader.join().unwrap().1, long);
}

#[test]
fn each_message_is_a_tls_record_of_its_own() {
    let (mut client, mut stream) = shaken(b"");
    for message in [&b"one"[..], b"two", b"three"] {
        stream.push(&[message]);
    }
    assert!(stream.flush().unwrap());
    for message in [&b"one"[..], b"two", b"three"] {
        let mut head = [0; 5];
        client.sock.read_exact(&mut head).unwrap();
        let mut body = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
        client.sock.read_exact(&mut body).unwrap();
        // TLS 1.3 adds the type and 16 bytes of authentication (RFC 8446 section 5.2).
        assert_eq!(body.len(), message.len() + 17);
    }
}

#[test]
fn what_is_not_tls_ends_a_tls_connection() {
    let (mut client, mut stream) = shaken(b"");
    client.sock.write_all(&[0; 64]).unwrap();
    assert_eq!(read(&mut stream).unwrap_err().kind(), io::ErrorKind::InvalidData);
}

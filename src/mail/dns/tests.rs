//! Messages taken apart, and servers that misbehave.

use super::*;
use proptest::prelude::*;
use std::net::SocketAddr;

/// An answer to `question` with `records`: names in full, their owner by a pointer to the question.
fn answer(question: &[u8], code: u8, records: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut message = question.to_vec();
    message[2] |= 0x80;
    message[3] = 0x80 | code;
    message[7] = u8::try_from(records.len()).unwrap();
    for (kind, data) in records {
        message.extend_from_slice(&[0xc0, 12]);
        message.extend_from_slice(&kind.to_be_bytes());
        message.extend_from_slice(&[0, 1, 0, 0, 1, 44]);
        message.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
        message.extend_from_slice(data);
    }
    message
}

fn txt(text: &str) -> (u16, Vec<u8>) {
    let chunks = text.as_bytes().chunks(255);
    (16, chunks.flat_map(|chunk| [&[u8::try_from(chunk.len()).unwrap()], chunk].concat()).collect())
}

fn asks(kind: Kind) -> Vec<u8> {
    question(7, "example.com", kind).unwrap()
}

#[test]
fn question_is_asked_as_rfc_1035_writes_it() {
    let message = question(0x0102, "example.com.", Kind::Mx).unwrap();
    assert_eq!(message, b"\x01\x02\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x0f\x00\x01");
    for bad in ["", "a..b", &"x".repeat(64), &"abc.".repeat(70)] {
        assert_eq!(question(1, bad, Kind::Txt), None, "{bad}");
    }
}

#[test]
fn records_are_found_behind_aliases_and_by_pointers() {
    let question = asks(Kind::Mx);
    let alias = (5, b"\x03www\xc0\x0c".to_vec());
    let mx = |order: u8, name: &[u8]| (15, [&[0, order], name].concat());
    let message = answer(&question, 0, &[alias, mx(20, b"\x01b\xc0\x0c"), mx(10, b"\x01a\x03net\x00"), mx(0, b"\x00")]);
    let found = records(&message, &question, Kind::Mx).unwrap();
    let host = |order, name: &str| Record::Mx(order, name.to_owned());
    assert_eq!(found, [host(20, "b.example.com"), host(10, "a.net"), host(0, ".")]);
}

#[test]
fn long_text_is_one_text() {
    let question = asks(Kind::Txt);
    let long = format!("v=DKIM1; p={}", "A".repeat(400));
    let message = answer(&question, 0, &[txt(&long), txt("v=spf1 -all")]);
    assert_eq!(
        records(&message, &question, Kind::Txt),
        Ok(vec![Record::Txt(long), Record::Txt("v=spf1 -all".to_owned())])
    );
}

#[test]
fn what_is_no_answer_is_told_apart() {
    let question = asks(Kind::Txt);
    let check = |message: &[u8], expected| assert_eq!(records(message, &question, Kind::Txt), Err(expected));
    check(&answer(&question, 3, &[]), Flaw::NoName);
    check(&answer(&question, 2, &[]), Flaw::Code(2));
    check(&question, Flaw::Garbled);
    check(&[], Flaw::Garbled);
    let mut other = answer(&question, 0, &[]);
    other[1] = 8;
    check(&other, Flaw::Garbled);
    let mut cut = answer(&question, 0, &[]);
    cut[2] |= 0x02;
    check(&cut, Flaw::Cut);
    check(&answer(&question, 0, &[txt("v=spf1")])[..40], Flaw::Garbled);
    // A name that points at itself.
    let at = u8::try_from(question.len() + 12 + 2).unwrap();
    let question = asks(Kind::Mx);
    let circle = answer(&question, 0, &[(15, vec![0, 1, 0xc0, at])]);
    assert_eq!(records(&circle, &question, Kind::Mx), Err(Flaw::Garbled));
}

proptest! {
    #[test]
    fn no_answer_is_the_end_of_the_program(bytes in prop::collection::vec(any::<u8>(), 0..200), count in any::<u8>()) {
        for kind in [Kind::Mx, Kind::Txt] {
            let question = asks(kind);
            let mut message = answer(&question, 0, &[]);
            message[7] = count;
            message.extend_from_slice(&bytes);
            _ = records(&message, &question, kind);
            _ = records(&bytes, &question, kind);
        }
    }

    #[test]
    fn every_text_arrives_as_it_was_sent(texts in prop::collection::vec("[ -~]{0,600}", 0..4)) {
        let question = asks(Kind::Txt);
        let records = records(&answer(&question, 0, &texts.iter().map(|text| txt(text)).collect::<Vec<_>>()), &question, Kind::Txt);
        prop_assert_eq!(records, Ok(texts.into_iter().map(Record::Txt).collect()));
    }
}

#[test]
fn name_servers_are_those_of_the_system() {
    let text = "# by hand\nsearch example.com\nnameserver 192.0.2.1\nnameserver\tfe80::1%eth0\nnameserver nonsense\n";
    let found: Vec<String> = name_servers(text).iter().map(SocketAddr::to_string).collect();
    assert_eq!(found, ["192.0.2.1:53", "[fe80::1]:53"]);
}

#[tokio::test]
async fn cut_answer_is_asked_for_again_over_tcp() {
    let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = tcp.local_addr().unwrap();
    let udp = UdpSocket::bind(place).await.unwrap();
    let server = async {
        let mut buffer = [0; 512];
        let (length, from) = udp.recv_from(&mut buffer).await.unwrap();
        let mut cut = answer(&buffer[..length], 0, &[]);
        cut[2] |= 0x02;
        // Somebody else's answer comes first.
        let mut other = cut.clone();
        other[0] ^= 1;
        udp.send_to(&other, from).await.unwrap();
        udp.send_to(&cut, from).await.unwrap();
        let (mut stream, _) = tcp.accept().await.unwrap();
        let mut asked = vec![0; stream.read_u16().await.unwrap().into()];
        stream.read_exact(&mut asked).await.unwrap();
        let whole = answer(&asked, 0, &[txt("v=spf1 mx -all")]);
        stream.write_u16(u16::try_from(whole.len()).unwrap()).await.unwrap();
        stream.write_all(&whole).await.unwrap();
    };
    let resolver = Resolver::of(place);
    let (found, ()) = tokio::join!(resolver.txt("example.com"), server);
    assert_eq!(found, Ok(vec!["v=spf1 mx -all".to_owned()]));
}

#[tokio::test]
async fn silent_server_is_given_up_and_named() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let found = Resolver::of(silent.local_addr().unwrap()).mx("example.com").await;
    assert_eq!(found.unwrap_err().to_string(), "the name server 127.0.0.1 does not answer");
    let bad = Resolver::of(silent.local_addr().unwrap()).mx("exa mple..com").await;
    assert_eq!(bad.unwrap_err().to_string(), "`exa mple..com` can't be a name");
}

//! What is in a mail: structure, headers, names and bytes, read back by another program and byte by byte.

use super::python::{Part, Python};
use super::{headers, letter, mail_of};
use kpid::mail::{Body, Headers, Mail, Unsubscribe, compose};
use kpid::report::{File, Image, Letter};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A letter with everything a letter can have.
pub fn full_letter() -> Letter {
    let picture = |name: &str, size| Image { name: name.into(), png: (0..size).map(|byte| byte as u8).collect() };
    let file = |name: &str, kind, bytes: &[u8]| File { name: name.into(), kind, bytes: bytes.to_vec() };
    Letter {
        html: "<!doctype html>\n<p><img src=\"cid:cac.trend\" alt=\"312\"> <img src='cid:cpl'> <img src=\"cid:cac.trend\">\n".into(),
        images: vec![picture("cac.trend", 900), picture("cpl", 3), picture("unused", 10)],
        attachments: vec![
            file("Ventas B2B · 2026-W46.xlsx", XLSX, b"PK\0\r\n.\r\n\n"),
            file("datos.csv", "text/csv; charset=utf-8", "\u{feff}kpi;valor\r\nCAC;312,40\r\n".as_bytes()),
            file("informe.html", "text/html; charset=utf-8", b"<p>312</p>\n.\n"),
        ],
        ..letter()
    }
}

/// D-6: 7-bit, CRLF only, no NUL; lines of content at most 76 long, of headers at most 78 where they can be folded and 998 where not.
#[track_caller]
fn check_bytes(mail: &Mail) {
    let text = String::from_utf8(mail.bytes()).unwrap();
    assert!(text.is_ascii() && text.ends_with("\r\n"));
    let mut in_head = true;
    for line in text.split("\r\n") {
        assert!(line.chars().all(|c| c == '\t' || !c.is_control()), "{line:?}");
        if line.starts_with("--=_") {
            in_head = !line.ends_with("--");
        }
        let value = line.split_once(": ").map_or(line.trim_start(), |(_, value)| value);
        let whole = in_head && !value.contains(' ');
        let longest = if whole {
            998
        } else if in_head {
            78
        } else {
            76
        };
        assert!(line.len() <= longest, "{} {line:?}", line.len());
        in_head &= !line.is_empty();
    }
}

/// D-5: what the HTML names is there, and nothing else is.
#[track_caller]
fn check_pictures(message: &Part) {
    let parts = message.walk();
    let html = parts.iter().find(|part| part.kind == "text/html").unwrap().text();
    let named: BTreeSet<String> = html
        .split("=\"cid:")
        .skip(1)
        .chain(html.split("='cid:").skip(1))
        .map(|rest| rest.split(['"', '\'']).next().unwrap().into())
        .collect();
    let ids: Vec<String> =
        parts.iter().filter_map(|part| part.id.as_ref()).map(|id| id.trim_matches(['<', '>']).into()).collect();
    assert_eq!(ids.iter().cloned().collect::<BTreeSet<_>>(), named);
    assert_eq!(ids.len(), named.len());
}

#[test]
fn structure_holds_what_the_letter_has() {
    let Some(mut python) = Python::start() else { return };
    let full = full_letter();
    let no_files = Letter { attachments: Vec::new(), ..full.clone() };
    let no_pictures = Letter { images: Vec::new(), html: "<p>312</p>".into(), ..full.clone() };
    for (letter, tree) in [
        (&letter(), "alternative(plain, html)"),
        (&no_files, "alternative(plain, related(html, png, png))"),
        (
            &no_pictures,
            "mixed(alternative(plain, html), vnd.openxmlformats-officedocument.spreadsheetml.sheet, csv, html)",
        ),
        (
            &full,
            "mixed(alternative(plain, related(html, png, png)), vnd.openxmlformats-officedocument.spreadsheetml.sheet, csv, html)",
        ),
    ] {
        let mail = mail_of(letter);
        check_bytes(&mail);
        let message = python.read(&mail.bytes());
        assert_eq!(message.defects(), [""; 0]);
        assert_eq!(message.tree(), tree);
        check_pictures(&message);
    }
}

#[test]
fn every_part_says_what_it_is() {
    let Some(mut python) = Python::start() else { return };
    let letter = full_letter();
    let message = python.read(&mail_of(&letter).bytes());
    let [plain, related] = &*message.parts[0].parts else { panic!("{}", message.tree()) };
    assert_eq!(related.root.as_deref(), Some("text/html"));
    let html = &related.parts[0];
    for part in [plain, html] {
        assert_eq!((part.charset.as_deref(), part.encoding.as_deref()), (Some("utf-8"), Some("quoted-printable")));
        assert_eq!((&part.disposition, &part.file), (&None, &None));
    }
    assert_eq!(plain.text(), letter.text);
    let ids: Vec<&str> =
        related.parts[1..].iter().map(|part| part.id.as_deref().unwrap().trim_matches(['<', '>'])).collect();
    assert_eq!(
        html.text(),
        letter.html.replace("cid:cac.trend", &format!("cid:{}", ids[0])).replace("cid:cpl", &format!("cid:{}", ids[1]))
    );
    for (part, image) in related.parts[1..].iter().zip(&letter.images) {
        assert_eq!((part.disposition.as_deref(), part.encoding.as_deref()), (Some("inline"), Some("base64")));
        assert_eq!(part.file, Some(format!("{}.png", image.name)));
        assert!(part.bytes() == image.png);
    }
    for (part, file) in message.parts[1..].iter().zip(&letter.attachments) {
        assert_eq!((part.disposition.as_deref(), part.encoding.as_deref()), (Some("attachment"), Some("base64")));
        assert_eq!((part.file.as_ref(), &*part.kind), (Some(&file.name), file.kind.split(';').next().unwrap()));
        assert!(part.bytes() == file.bytes);
    }
}

#[test]
fn every_header_stands_once() {
    let Some(mut python) = Python::start() else { return };
    let unsubscribe =
        Unsubscribe { link: "https://kpis.example.com/leave/a1", mailto: Some("mailto:ops@example.com?subject=leave") };
    let headers = Headers { thread: Some("weekly_b2b"), unsubscribe: Some(unsubscribe), ..headers() };
    let mail = compose(&Body::new(&full_letter()).unwrap(), &headers).unwrap();
    check_bytes(&mail);
    let message = python.read(&mail.bytes());
    assert_eq!(message.defects(), [""; 0]);
    let lines: Vec<String> = message.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let boundary = message.all("Content-Type")[0].rsplit('_').next().unwrap().trim_end_matches('"');
    assert_eq!(
        lines.join("\n"),
        format!(
            "From: Cuadro de mando <kpis@example.com>\n\
             To: \"Ruiz, Ana \\\"la jefa\\\"\" <ana@example.org>\n\
             Subject: Ventas B2B · 2026-W46 · 3 fuera de objetivo\n\
             Date: Mon, 16 Nov 2026 07:00:00 +0000\n\
             Message-ID: <weekly_b2b.2026-W46.1794812400000.ana=40example.org@example.com>\n\
             Reply-To: Operación <ops@example.com>\n\
             References: <thread.weekly_b2b@example.com>\n\
             Auto-Submitted: auto-generated\n\
             X-Auto-Response-Suppress: All\n\
             Precedence: bulk\n\
             List-Id: <weekly_b2b.example.com>\n\
             X-KPI-Run: weekly_b2b.2026-W46.1794812400000\n\
             List-Unsubscribe: <https://kpis.example.com/leave/a1>, <mailto:ops@example.com?subject=leave>\n\
             List-Unsubscribe-Post: List-Unsubscribe=One-Click\n\
             MIME-Version: 1.0\n\
             Content-Type: multipart/mixed; boundary=\"=_mixed_{boundary}\""
        )
    );
    let plain = python.read(&mail_of(&letter()).bytes());
    for absent in ["References", "List-Unsubscribe", "List-Unsubscribe-Post"] {
        assert!(plain.all(absent).is_empty(), "{absent}");
    }
}

#[test]
fn file_names_survive_and_have_a_fallback() {
    let Some(mut python) = Python::start() else { return };
    let long = format!("{}.csv", "Año😀-".repeat(50)).chars().skip(54).collect::<String>();
    assert_eq!(long.chars().count(), 200);
    let long_plain = format!("{}.csv", "a".repeat(196));
    for (name, fallback) in [
        ("Ventas 2026-W46.csv", "Ventas 2026-W46.csv"),
        ("😀.csv", "_.csv"),
        ("l'\"año\"; a=b, c%20*.csv", "l__a_o__ a_b_ c_20_.csv"),
        ("=?utf-8?q?x?=.csv", "__utf-8_q_x__.csv"),
        ("報告書.csv", "___.csv"),
        ("two  spaces.csv", "two  spaces.csv"),
        (".", "."),
        (&long, "-A_o_-A_o_-A_o_-A_o_-A_o_-A_o_-A_o_-A_o_-A_o_-A_o_-A_o_-.csv"),
        (&long_plain, &format!("{}.csv", "a".repeat(56))),
    ] {
        let file = File { name: name.into(), kind: "text/csv; charset=utf-8", bytes: b"a;b\r\n".to_vec() };
        let mail = mail_of(&Letter { attachments: vec![file], ..letter() });
        check_bytes(&mail);
        let message = python.read(&mail.bytes());
        assert_eq!(message.defects(), [""; 0], "{name}");
        let part = &message.parts[1];
        assert_eq!((part.file.as_deref(), part.fallback.as_deref()), (Some(name), Some(fallback)));
    }
}

#[test]
fn hostile_names_and_long_lines_make_no_defects() {
    let Some(mut python) = Python::start() else { return };
    for name in ["a\r\nBcc: eve@example.com", "\0", "ñ".repeat(500).as_str(), "\"\\\" <x@y>, z", "😀\u{202e}\u{7f}", ""]
    {
        let attachments = vec![File { name: name.into(), kind: XLSX, bytes: Vec::new() }];
        let images = vec![Image { name: name.into(), png: Vec::new() }];
        let html = format!("<img src=\"cid:{name}\">{}", name.repeat(50));
        let letter = Letter { subject: name.into(), html, text: name.repeat(50), images, attachments };
        let headers =
            Headers { reply_to: None, name: Some(name), list: name, run: name, thread: Some(name), ..headers() };
        let mail = compose(&Body::new(&letter).unwrap(), &headers).unwrap();
        check_bytes(&mail);
        let message = python.read(&mail.bytes());
        assert_eq!(message.defects(), [""; 0], "{name:?}");
        assert!(message.all("Bcc").is_empty() && message.all("To")[0].contains("ana@example.org"), "{name:?}");
    }
}

#[test]
fn readers_of_a_letter_share_its_bytes() {
    let body = Body::new(&full_letter()).unwrap();
    assert_eq!(body, Body::new(&full_letter()).unwrap());
    let ana = compose(&body, &headers()).unwrap();
    let leo = compose(&body, &Headers { name: None, email: "leo@example.org", ..headers() }).unwrap();
    assert!(Arc::ptr_eq(&ana.body, &leo.body));
    assert_eq!(ana, compose(&body, &headers()).unwrap());
    assert_eq!(leo.bytes().len(), leo.head.len() + body.size());
}

/// Texts as they come out of templates: any character that can be shown, lines and tabs.
fn text() -> impl Strategy<Value = String> {
    proptest::string::string_regex("([^\\p{Cc}]|[ =.\n\t]){0,300}").unwrap()
}

prop_compose! {
    /// A letter whose HTML names the first `used` pictures.
    fn letters()(
        subject in "[^\\p{Cc}=]{0,200}",
        text in text(),
        html in text(),
        pngs in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..4),
        files in proptest::collection::vec(("[^\\p{Cc}/]{1,90}", proptest::collection::vec(any::<u8>(), 0..300)), 0..3),
        used in 0usize..4,
    ) -> Letter {
        let images: Vec<Image> = pngs.into_iter().enumerate().map(|(at, png)| Image { name: format!("p.{at}"), png }).collect();
        let pictures: String = images.iter().take(used).map(|image| format!("<img src=\"cid:{}\">", image.name)).collect();
        let attachments = files.into_iter().map(|(name, bytes)| File { name, kind: XLSX, bytes }).collect();
        Letter { subject, html: html + &pictures, text, images, attachments }
    }
}

/// Whatever a letter holds arrives as it was.
#[test]
fn any_letter_arrives() {
    let Some(python) = Python::start() else { return };
    let python = std::cell::RefCell::new(python);
    proptest!(ProptestConfig::with_cases(150), |(letter in letters())| {
        let mail = mail_of(&letter);
        check_bytes(&mail);
        let message = python.borrow_mut().read(&mail.bytes());
        prop_assert_eq!(message.defects(), [""; 0]);
        check_pictures(&message);
        let parts = message.walk();
        prop_assert_eq!(parts.iter().find(|part| part.kind == "text/plain").unwrap().text(), letter.text.clone());
        let pngs: Vec<Vec<u8>> = parts.iter().filter(|part| part.kind == "image/png").map(|part| part.bytes()).collect();
        let named = letter.images.iter().filter(|image| letter.html.contains(&format!("\"cid:{}\"", image.name)));
        prop_assert_eq!(pngs, named.map(|image| image.png.clone()).collect::<Vec<_>>());
        let files: Vec<Vec<u8>> = parts.iter().filter(|part| part.kind == XLSX).map(|part| part.bytes()).collect();
        prop_assert_eq!(files, letter.attachments.iter().map(|file| file.bytes.clone()).collect::<Vec<_>>());
        let subject: Vec<&str> = letter.subject.split_whitespace().collect();
        if letter.subject.chars().count() <= 150 {
            prop_assert_eq!(message.all("Subject"), [subject.join(" ")]);
        }
    });
}

//! The parts of a message, encoded: header lines, an empty line, content (RFC 2045, 2046, 2387).
//!
//! Text is quoted-printable, everything else base64: 7-bit, CRLF, short lines, whatever it holds.

use super::filename;
use lettre::message::{Body as Encoded, header::ContentTransferEncoding};

/// A part as it stands in the message, without the line break that a boundary begins with.
pub(super) type Part = Vec<u8>;

/// `subtype` is `plain` or `html`.
pub(super) fn text(subtype: &str, text: &str) -> Part {
    let head =
        format!("Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n");
    part(&head, lines(text), ContentTransferEncoding::QuotedPrintable)
}

/// A picture that the HTML names by `id`.
pub(super) fn image(name: &str, id: &str, png: &[u8]) -> Part {
    let head = format!("Content-ID: <{id}>\r\n{}", file("image/png", "inline", &format!("{name}.png")));
    part(&head, png.to_vec(), ContentTransferEncoding::Base64)
}

pub(super) fn attachment(name: &str, kind: &str, bytes: &[u8]) -> Part {
    part(&file(kind, "attachment", name), bytes.to_vec(), ContentTransferEncoding::Base64)
}

/// `parts` as one; a single part needs no container. `related` parts belong to the first, which is HTML.
pub(super) fn multipart(subtype: &str, digest: &str, parts: &[Part]) -> Part {
    if let [part] = parts {
        return part.clone();
    }
    // `=_` can't stand in quoted-printable text or base64 (RFC 2045 §6.7), so no content holds this line.
    let boundary = format!("=_{subtype}_{digest}");
    let root = if subtype == "related" { " type=\"text/html\";\r\n" } else { "" };
    let mut out = format!("Content-Type: multipart/{subtype};\r\n{root} boundary=\"{boundary}\"\r\n\r\n").into_bytes();
    out.reserve(parts.iter().map(|part| part.len() + boundary.len() + 8).sum());
    for part in parts {
        out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        out.extend_from_slice(part);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    out
}

/// The header lines of a part that can be saved.
fn file(kind: &str, disposition: &str, name: &str) -> String {
    let name = filename::clean(name);
    let (fallback, parameter) = (filename::fallback(&name), filename::parameter(&name));
    format!(
        "Content-Type: {kind};\r\n {fallback}\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: {disposition};\r\n {parameter}\r\n"
    )
}

fn part(head: &str, content: Vec<u8>, encoding: ContentTransferEncoding) -> Part {
    // Bytes: as a `String` lettre would look for line ends again.
    let encoded = Encoded::new_with_encoding(content, encoding).expect("both encodings take any bytes");
    [head.as_bytes(), b"\r\n", encoded.as_ref()].concat()
}

/// Without control characters, lines ended as mail ends them; lettre would do that in quadratic time.
fn lines(text: &str) -> Vec<u8> {
    let clean: String = text.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect();
    clean.replace('\n', "\r\n").into_bytes()
}

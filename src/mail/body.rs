//! [`Letter`] → what all its readers get alike, encoded once.
//!
//! ```text
//! mixed ─┬─ alternative ─┬─ plain
//!        │               └─ related ─┬─ html
//!        │                           └─ pictures, inline
//!        └─ attachments
//! ```
//! Without pictures there is no `related`, without attachments no `mixed`. The same letter gives the same bytes: they know neither
//! recipient nor date nor chance. Control characters are taken out of both texts: they only ever come by accident or with ill
//! intent.

use super::{MimeError, atom, cid, part};
use crate::report::Letter;
use std::sync::Arc;

/// What Postfix takes unless told otherwise; others take more.
pub const LARGEST: usize = 10_240_000;

/// Kept free of that for the headers, ours and those of the servers on the way.
const HEADERS: usize = 16 * 1024;

/// A letter, encoded. Cheap to clone and to put into any number of mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub(super) subject: String,
    /// From the Content-Type of the outermost part to the end of the message.
    pub(super) bytes: Arc<[u8]>,
    html_size: Option<usize>,
}

impl Body {
    /// Pictures that the HTML doesn't name are left out.
    ///
    /// # Errors
    /// The mail would be larger than servers take.
    pub fn new(letter: &Letter) -> Result<Body, MimeError> {
        let digest = atom::digest(letter.html.as_bytes());
        let (html, pictures) = cid::resolved(&letter.html, &letter.images);
        let html = part::text("html", &html);
        let html_size = html.len();
        let mut related = vec![html];
        related.extend(pictures.iter().map(|(image, id)| part::image(&image.name, id, &image.png)));
        let twins = [part::text("plain", &letter.text), part::multipart("related", &digest, &related)];
        let mut mixed = vec![part::multipart("alternative", &digest, &twins)];
        mixed.extend(letter.attachments.iter().map(|file| part::attachment(&file.name, file.kind, &file.bytes)));
        let bytes = part::multipart("mixed", &digest, &mixed);
        if bytes.len() + HEADERS > LARGEST {
            let files = letter.attachments.iter().zip(&mixed[1..]);
            let largest = files.map(|(file, part)| (file.name.clone(), part.len())).max_by_key(|(_, size)| *size);
            return Err(MimeError::TooLarge { size: bytes.len(), largest });
        }
        Ok(Body { subject: letter.subject.clone(), bytes: bytes.into(), html_size: Some(html_size) })
    }

    /// One that was kept: `subject` and `bytes` as [`Body::subject`] and [`Body::bytes`] gave them.
    pub fn restored(subject: String, bytes: Vec<u8>) -> Body {
        Body { subject, bytes: bytes.into(), html_size: None }
    }

    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// From the Content-Type of the outermost part to the end of the message.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of the encoded HTML, without pictures: what mail programs cut a message by (Gmail near 102 kB).
    /// Not known of a body that was kept.
    pub fn html_size(&self) -> Option<usize> {
        self.html_size
    }

    /// Bytes of the whole, but for the headers of a mail, which are a few kB.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{File, Image};

    fn letter() -> Letter {
        Letter {
            subject: "Ventas".into(),
            html: "<img src=\"cid:cac\">".into(),
            text: "CAC\n".into(),
            images: vec![Image { name: "cac".into(), png: vec![1] }, Image { name: "cpl".into(), png: vec![2] }],
            attachments: vec![file("a.csv", 1)],
        }
    }

    fn file(name: &str, size: usize) -> File {
        File { name: name.into(), kind: "text/csv; charset=utf-8", bytes: vec![b'a'; size] }
    }

    /// The media types in the order of the bytes.
    fn types(letter: &Letter) -> Vec<String> {
        let bytes = Body::new(letter).unwrap().bytes;
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let types = text.lines().filter_map(|line| line.strip_prefix("Content-Type: ")?.split(';').next());
        types.map(str::to_owned).collect()
    }

    #[test]
    fn containers_hold_more_than_one_part() {
        let (mixed, related, png) = ("multipart/mixed", "multipart/related", "image/png");
        let (twins, plain, html) = ("multipart/alternative", "text/plain", "text/html");
        let full = letter();
        let no_files = Letter { attachments: Vec::new(), ..letter() };
        let no_pictures = Letter { html: "cid:cac".into(), ..letter() };
        assert_eq!(types(&full), [mixed, twins, plain, related, html, png, "text/csv"]);
        assert_eq!(types(&no_files), [twins, plain, related, html, png]);
        assert_eq!(types(&no_pictures), [mixed, twins, plain, html, "text/csv"]);
        assert_eq!(types(&Letter { attachments: Vec::new(), ..no_pictures }), [twins, plain, html]);
    }

    #[test]
    fn sizes_are_those_of_the_encoded_parts() {
        let letter = Letter { html: "ñ".repeat(10_000), ..letter() };
        let body = Body::new(&letter).unwrap();
        // Six characters for a letter of two bytes, and a soft line break every 76.
        assert!(body.html_size().is_some_and(|size| (61_000..63_000).contains(&size)), "{:?}", body.html_size());
        assert_eq!(body.size(), body.bytes.len());
    }

    #[test]
    fn what_servers_refuse_names_the_largest_attachment() {
        let large = Letter {
            attachments: vec![file("a.csv", 1), file("Datos.xlsx", 6_000_000), file("b.csv", 2_000_000)],
            ..letter()
        };
        assert_eq!(
            Body::new(&large).unwrap_err().to_string(),
            "the mail would have 10.95 MB, and mail servers take at most 10.24 MB; its largest attachment is `Datos.xlsx` with 8.21 MB"
        );
        let large = Letter { attachments: Vec::new(), text: "a".repeat(LARGEST), ..letter() };
        assert_eq!(
            Body::new(&large).unwrap_err().to_string(),
            "the mail would have 10.65 MB, and mail servers take at most 10.24 MB; it has no attachment: show less in it"
        );
    }
}

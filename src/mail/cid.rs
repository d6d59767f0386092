//! What the pictures of a letter are called in a mail: `cid:NAME` in the HTML ↔ Content-ID (RFC 2392).

use super::atom::{digest, token};
use crate::report::Image;
use std::collections::BTreeSet;

/// The HTML with every quoted `cid:NAME` of a picture replaced by its Content-ID, and the pictures that were named with theirs.
///
/// A Content-ID must look like an address, and mail programs that keep pictures by it show the old one when an ID comes again
/// with other bytes: so it ends in a digest of the picture.
pub(super) fn resolved<'a>(html: &str, images: &'a [Image]) -> (String, Vec<(&'a Image, String)>) {
    let mut named: Vec<(&Image, String)> = Vec::with_capacity(images.len());
    for image in images {
        if named.iter().all(|(other, _)| other.name != image.name) {
            named.push((image, token(&format!("{}.{}", image.name, digest(&image.png))) + "@kpid"));
        }
    }
    let mut used = BTreeSet::new();
    let mut out = String::with_capacity(html.len() + 32 * images.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("cid:") {
        out.push_str(before);
        out.push_str("cid:");
        rest = after;
        let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\''));
        let name = quote.and_then(|quote| after.split_once(quote)).map(|(name, _)| name);
        if let Some((image, id)) = name.and_then(|name| named.iter().find(|(image, _)| image.name == name)) {
            out.push_str(id);
            used.insert(&*image.name);
            rest = &after[image.name.len()..];
        }
    }
    out.push_str(rest);
    named.retain(|(image, _)| used.contains(&*image.name));
    (out, named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(name: &str) -> Image {
        Image { name: name.to_owned(), png: b"png".to_vec() }
    }

    #[track_caller]
    fn check(html: &str, expected: &str, used: &[&str]) {
        let images = [image("cac"), image("cac-2"), image("cac")];
        let (html, named) = resolved(html, &images);
        assert_eq!(html, expected);
        assert_eq!(named.iter().map(|(image, _)| &*image.name).collect::<Vec<_>>(), used);
    }

    #[test]
    fn quoted_names_of_pictures_become_content_ids() {
        let digest = digest(b"png");
        check(
            "<img src=\"cid:cac\"><img src='cid:cac-2'><img src=\"cid:cac\">",
            &format!(
                "<img src=\"cid:cac.{digest}@kpid\"><img src='cid:cac-2.{digest}@kpid'><img src=\"cid:cac.{digest}@kpid\">"
            ),
            &["cac", "cac-2"],
        );
    }

    #[test]
    fn what_only_looks_like_a_picture_stays() {
        for html in ["", "cid:cac", "cid: \"cid:\"", "a \"cid:cac", "<img src=\"cid:other\">", "&quot;cid:cac&quot;"] {
            check(html, html, &[]);
        }
    }

    #[test]
    fn other_pictures_have_other_content_ids() {
        let html = "<img src=\"cid:cac\">";
        let other = Image { png: b"other".to_vec(), ..image("cac") };
        assert_ne!(resolved(html, &[image("cac")]).0, resolved(html, &[other]).0);
    }
}

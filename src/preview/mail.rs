//! A letter's HTML as a mail program shows it: in its light or dark scheme, with its pictures or with all of them blocked.

use crate::render::{Letter, standalone};

/// Which of its two looks a mail has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    #[default]
    Light,
    Dark,
}

/// For the page's frame. The scheme is decided here: in a frame the media query would follow the viewer's own system.
pub fn framed(letter: &Letter, scheme: Scheme, images: bool) -> String {
    let html = if images { standalone(letter) } else { without_images(&letter.html) };
    let name = if scheme == Scheme::Dark { "dark" } else { "light" };
    // As programs mark the place of what they don't load.
    let blocked = if images { "" } else { "img:not([src]){outline:1px dashed #98a1ad;outline-offset:-1px}" };
    let style = format!("<style>:root{{color-scheme:only {name}!important}}{blocked}</style>");
    let html = decided(&html, name);
    match html.find("</head>") {
        Some(at) => format!("{}{style}{}", &html[..at], &html[at..]),
        None => style + &html,
    }
}

/// `(prefers-color-scheme: …)` as something that always holds or never does.
fn decided(html: &str, scheme: &str) -> String {
    const QUERY: &str = "(prefers-color-scheme:";
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(QUERY) {
        let (before, query) = rest.split_at(at);
        let end = query.find(')').map_or(query.len(), |end| end + 1);
        let wanted = query[QUERY.len()..end].trim_end_matches(')').trim();
        out += before;
        out += if wanted == scheme { "(min-width:0px)" } else { "(max-width:0px)" };
        rest = &query[end..];
    }
    out + rest
}

/// Pictures without an address show their words.
fn without_images(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("src=\"cid:").or_else(|| rest.find("src='cid:")) {
        let (before, source) = rest.split_at(at);
        let quote = if source.starts_with("src='") { '\'' } else { '"' };
        let end = source[5..].find(quote).map_or(source.len(), |end| end + 6);
        out += before;
        rest = &source[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(html: &str) -> Letter {
        let image = crate::render::Image { name: "a".into(), png: vec![1] };
        let (subject, text) = ("s".to_owned(), "t".to_owned());
        Letter { subject, html: html.to_owned(), text, images: vec![image], attachments: Vec::new() }
    }

    #[test]
    fn the_scheme_is_the_one_asked_for_whatever_the_viewers_is() {
        let html = "<head><style>@media (prefers-color-scheme: dark) { a {} } @media screen and (prefers-color-scheme:light){}</style></head>";
        let dark = framed(&letter(html), Scheme::Dark, true);
        assert!(dark.contains("@media (min-width:0px) { a {} } @media screen and (max-width:0px){}"), "{dark}");
        assert!(dark.contains("<style>:root{color-scheme:only dark!important}</style></head>"), "{dark}");
        let light = framed(&letter(html), Scheme::Light, true);
        assert!(light.contains("@media (max-width:0px) { a {} } @media screen and (min-width:0px){}"), "{light}");
    }

    #[test]
    fn blocked_pictures_leave_their_words() {
        let html = "<img src=\"cid:a\" alt=\"12 %\"><img alt='b' src='cid:b'>";
        let blocked = framed(&letter(html), Scheme::Light, false);
        assert!(blocked.ends_with("<img  alt=\"12 %\"><img alt='b' >"), "{blocked}");
        assert!(framed(&letter(html), Scheme::Light, true).contains("src=\"data:image/png;base64,AQ==\""));
    }
}

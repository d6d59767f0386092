//! A letter's HTML to be looked at in a browser.

use super::Letter;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The HTML with its pictures inside, as `data:` addresses. For a browser only: many mail programs show no such pictures.
pub fn standalone(letter: &Letter) -> String {
    letter.images.iter().fold(letter.html.clone(), |html, image| {
        let data = STANDARD.encode(&image.png);
        ['"', '\''].iter().fold(html, |html, quote| {
            let named = format!("src={quote}cid:{}{quote}", image.name);
            html.replace(&named, &format!("src={quote}data:image/png;base64,{data}{quote}"))
        })
    })
}

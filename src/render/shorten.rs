//! A mail that is too long is cut where it hurts least, and says so: Gmail clips what is longer than about 102 kB.
//!
//! First the longest breakdowns go, then the glossary, then rows of the longest sections, from the end and those off target last.
//! What needs attention is never cut, nor are the plain text and the attachments.

use super::view::{BlockView, View};

/// Bytes of the HTML as quoted-printable: well below where Gmail clips.
pub(super) const LIMIT: usize = 90 << 10;

/// `render`ed so that it fits. `note` says that so many rows of so many are left. Where nothing is left to cut it is as long as it is.
pub(super) fn fitting<E>(
    view: &mut View,
    note: impl Fn(usize, usize) -> String,
    render: impl Fn(&View) -> Result<String, E>,
) -> Result<String, E> {
    let whole: Vec<usize> = view.blocks.iter().map(rows).collect();
    loop {
        let html = render(view)?;
        let size = encoded(&html) + addresses(&html);
        if size <= LIMIT || !cut(view, size) {
            return Ok(html);
        }
        for (block, whole) in view.blocks.iter_mut().zip(&whole) {
            let left = rows(block);
            if left < *whole {
                block.shortened = note(left, *whole);
            }
        }
    }
}

/// The size of `text` as quoted-printable (RFC 2045 §6.7), soft line breaks included.
pub(super) fn encoded(text: &str) -> usize {
    let size = |byte| match byte {
        b'\n' => 2,
        b'=' => 3,
        b'\t' | b' '..=b'~' => 1,
        _ => 3,
    };
    let bytes: usize = text.bytes().map(size).sum();
    bytes + bytes / 73 * 3
}

/// What a mail adds where `html` names a picture: a digest and a domain follow the name.
fn addresses(html: &str) -> usize {
    html.matches("src=\"cid:").count() * 24
}

/// KPIs and segments.
fn rows(block: &BlockView) -> usize {
    block.rows.iter().map(|row| 1 + row.parts.as_ref().map_or(0, |parts| parts.rows.len())).sum()
}

/// Takes about as much out of `view` as is too much of its `size`; whether there was anything.
fn cut(view: &mut View, size: usize) -> bool {
    let all = view.blocks.iter().map(rows).sum::<usize>() + view.glossary.len() + view.attention.len();
    // A row more than seems needed: each attempt renders the whole.
    let excess = (size - LIMIT) * all / size + 1;
    let cut = cut_breakdowns(view, excess);
    if cut > 0 {
        return true;
    }
    if !view.glossary.is_empty() {
        view.glossary.clear();
        return true;
    }
    (0..excess).filter(|_| cut_row(view)).count() > 0
}

/// The longest go first.
fn cut_breakdowns(view: &mut View, excess: usize) -> usize {
    let mut rows: Vec<_> = view.blocks.iter_mut().flat_map(|block| &mut block.rows).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.parts.as_ref().map_or(0, |parts| parts.rows.len())));
    let mut cut = 0;
    for row in rows {
        if cut >= excess {
            break;
        }
        cut += row.parts.take().map_or(0, |parts| parts.rows.len());
    }
    cut
}

/// A row of the longest section; one stays, so that the section keeps its place.
fn cut_row(view: &mut View) -> bool {
    let longest = view.blocks.iter_mut().max_by_key(|block| block.rows.len());
    let Some(block) = longest.filter(|block| block.rows.len() > 1) else { return false };
    let calm = block.rows.iter().rposition(|row| !matches!(row.mark.tone, "missed" | "near"));
    block.rows.remove(calm.unwrap_or(block.rows.len() - 1));
    true
}

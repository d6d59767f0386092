//! A mail that is too long is cut where it hurts least, and says so: Gmail clips what is longer than about 102 kB.
//!
//! First the longest breakdowns go, then the glossary, then rows of the longest sections, from the end and those off target last.
//! What needs attention is never cut, nor are the plain text and the attachments.

use super::view::{BlockView, View};

/// Bytes of the HTML as quoted-printable: well below where Gmail clips.
pub const LIMIT: usize = 90 << 10;
/// For the headers of the part that the HTML is.
const HEADERS: usize = 128;

/// `render`ed so that it fits. `note` says that so many rows of so many are left. Where nothing is left to cut it is as long as it is.
pub(super) fn fitting<E>(
    view: &mut View,
    note: impl Fn(usize, usize) -> String,
    render: impl Fn(&View) -> Result<String, E>,
) -> Result<String, E> {
    let whole: Vec<usize> = view.blocks.iter().map(rows).collect();
    loop {
        let html = render(view)?;
        let size = encoded_size(&html) + HEADERS;
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

/// The size of `text` as quoted-printable (RFC 2045 §6.7), soft line breaks included: what a mail program cuts a message by.
pub fn encoded_size(text: &str) -> usize {
    /// A line of 76 ends with the `=` of its soft break.
    const LINE: usize = 75;
    /// What mail adds to the name of a picture, so that it looks like an address: a dot, a digest, `@kpid`.
    const ADDRESS: usize = 1 + 16 + 5;
    let named = ["\"cid:", "'cid:"].iter().map(|name| text.matches(name).count()).sum::<usize>();
    let (mut size, mut on_line) = (named * ADDRESS, 0);
    for byte in text.bytes() {
        let width = match byte {
            b'\n' => {
                size += 2;
                on_line = 0;
                continue;
            }
            b'=' => 3,
            b'\t' | b' '..=b'~' => 1,
            _ => 3,
        };
        if on_line + width > LINE {
            size += 3;
            on_line = 0;
        }
        size += width;
        on_line += width;
    }
    size
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::view::{Entry, Mark, PartView, Parts, RowView};
    use std::cell::Cell;

    fn row(name: &str, tone: &'static str, parts: usize) -> RowView {
        let part = |number: usize| PartView { name: format!("{name}.{number}"), ..PartView::default() };
        let parts = Parts { rows: (0..parts).map(part).collect(), ..Parts::default() };
        RowView {
            name: name.to_owned(),
            mark: Mark { tone, ..Mark::default() },
            parts: (!parts.rows.is_empty()).then_some(parts),
            ..RowView::default()
        }
    }

    fn view(blocks: Vec<Vec<RowView>>) -> View {
        let entry = |row: &RowView| Entry { name: row.name.clone(), ..Entry::default() };
        View {
            attention: blocks.iter().flatten().filter(|row| row.mark.tone == "missed").cloned().collect(),
            glossary: blocks.iter().flatten().map(entry).collect(),
            blocks: blocks.into_iter().map(|rows| BlockView { rows, ..BlockView::default() }).collect(),
            ..View::default()
        }
    }

    /// A kilobyte for each KPI, segment and definition.
    fn render(view: &View) -> String {
        let kilobyte = "x".repeat(70) + "\n";
        let names = view.blocks.iter().flat_map(|block| &block.rows).flat_map(|row| {
            let parts = row.parts.iter().flat_map(|parts| &parts.rows).map(|part| &part.name);
            [&row.name].into_iter().chain(parts)
        });
        let glossary = view.glossary.iter().map(|entry| &entry.name);
        let attention = view.attention.iter().map(|row| &row.name);
        names.chain(glossary).chain(attention).map(|name| format!("<{name}>{}", kilobyte.repeat(14))).collect()
    }

    fn fitted(view: &mut View) -> String {
        let renders = Cell::new(0);
        let html = fitting(
            view,
            |shown, count| format!("{shown} of {count}"),
            |view| {
                renders.set(renders.get() + 1);
                Ok::<_, ()>(render(view))
            },
        );
        assert!(renders.get() < 40, "{} renders", renders.get());
        html.unwrap()
    }

    fn names(view: &View) -> Vec<Vec<&str>> {
        view.blocks.iter().map(|block| block.rows.iter().map(|row| &*row.name).collect()).collect()
    }

    #[test]
    fn what_fits_is_not_changed() {
        let mut view = view(vec![vec![row("a", "met", 40), row("b", "missed", 3)]]);
        let whole = render(&view);
        assert_eq!(fitted(&mut view), whole);
        assert_eq!(view.blocks[0].shortened, "");
    }

    #[test]
    fn the_longest_breakdown_goes_first_and_its_section_says_so() {
        let mut view =
            view(vec![vec![row("a", "met", 8), row("b", "met", 70)], vec![row("c", "missed", 9), row("d", "near", 2)]]);
        assert!(encoded_size(&fitted(&mut view)) <= LIMIT);
        let left: Vec<bool> = view.blocks.iter().flat_map(|block| &block.rows).map(|row| row.parts.is_some()).collect();
        assert_eq!(left, [true, false, true, true]);
        assert_eq!(view.blocks.iter().map(|block| &*block.shortened).collect::<Vec<_>>(), ["10 of 80", ""]);
        assert_eq!(view.glossary.len(), 4);
    }

    #[test]
    fn then_the_glossary_goes_then_calm_rows_of_the_longest_section_from_its_end() {
        let long = || (0..60).map(|n| row(&format!("a{n}"), if n > 57 { "missed" } else { "met" }, 0)).collect();
        let mut half = view(vec![long()]);
        fitted(&mut half);
        assert_eq!((half.glossary.len(), half.blocks[0].rows.len(), &*half.blocks[0].shortened), (0, 60, ""));

        let longer = (0..120).map(|n| row(&format!("a{n}"), if n > 117 { "missed" } else { "met" }, 1)).collect();
        let mut view = view(vec![longer, vec![row("b", "met", 0), row("c", "met", 0)]]);
        let html = fitted(&mut view);
        assert!((LIMIT - 8_000..=LIMIT).contains(&encoded_size(&html)), "{}", encoded_size(&html));
        let [first, second] = &names(&view)[..] else { panic!("two sections") };
        assert_eq!(first[..3], ["a0", "a1", "a2"]);
        assert_eq!(first[first.len() - 2..], ["a118", "a119"]);
        assert_eq!(*second, ["b", "c"]);
        assert_eq!(view.blocks[0].shortened, format!("{} of 240", first.len()));
        assert_eq!(view.attention.len(), 2);
    }

    #[test]
    fn what_can_be_cut_no_more_is_as_long_as_it_is() {
        let mut view = view(vec![vec![row("a", "missed", 0)], vec![row("b", "near", 0)]]);
        view.attention = (0..120).map(|n| row(&n.to_string(), "missed", 0)).collect();
        assert!(encoded_size(&fitted(&mut view)) > LIMIT);
        assert_eq!((names(&view), view.attention.len()), (vec![vec!["a"], vec!["b"]], 120));
    }

    #[test]
    fn lines_are_broken_as_quoted_printable_breaks_them() {
        let check = |text: &str, size: usize| assert_eq!(encoded_size(text), size, "{text}");
        check("", 0);
        check("a=ñ\n", 1 + 3 + 6 + 2);
        check(&"a".repeat(75), 75);
        check(&"a".repeat(76), 76 + 3);
        check(&"é".repeat(25), 150 + 3);
    }
}

//! The free text of a section: CommonMark as safe HTML, and as plain text.
//!
//! HTML in it is shown, not obeyed; pictures become their description, since a mail loads nothing from elsewhere; links lead to web
//! or mail addresses or nowhere. Headings are bold paragraphs, because the report's own outline is not the text's to change.

use pulldown_cmark::{CowStr, Event, Parser, Tag, TagEnd, html};

/// HTML that can stand in a page as it is.
pub(super) fn to_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut out, Parser::new(text).flat_map(safe));
    out.trim_end().to_owned()
}

fn safe(event: Event<'_>) -> Vec<Event<'_>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => vec![Event::Text(text)],
        Event::Start(Tag::Heading { .. }) => vec![Event::Start(Tag::Paragraph), Event::Start(Tag::Strong)],
        Event::End(TagEnd::Heading(_)) => vec![Event::End(TagEnd::Strong), Event::End(TagEnd::Paragraph)],
        Event::Start(Tag::Image { .. } | Tag::HtmlBlock) | Event::End(TagEnd::Image | TagEnd::HtmlBlock) => Vec::new(),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = if is_harmless(&dest_url) { dest_url } else { CowStr::Borrowed("#") };
            vec![Event::Start(Tag::Link { link_type, dest_url, title, id })]
        }
        event => vec![event],
    }
}

fn is_harmless(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    ["https://", "http://", "mailto:"].iter().any(|scheme| url.starts_with(scheme))
}

/// The same for plain mail: a paragraph a line, list items with `- `, links with their address behind them.
pub(super) fn to_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut links: Vec<String> = Vec::new();
    for event in Parser::new(text) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => out.push_str(&text),
            Event::SoftBreak => out.push(' '),
            Event::HardBreak | Event::Rule => out.push('\n'),
            Event::Start(Tag::Item) => out.push_str("- "),
            Event::Start(Tag::Link { dest_url, .. }) => links.push(dest_url.into_string()),
            Event::End(TagEnd::Link) => {
                let url = links.pop().unwrap_or_default();
                if is_harmless(&url) && !out.ends_with(&url) {
                    out.push_str(&format!(" ({url})"));
                }
            }
            Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::CodeBlock | TagEnd::HtmlBlock,
            ) if !out.ends_with('\n') => out.push('\n'),
            _ => {}
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, html: &str, plain: &str) {
        assert_eq!(to_html(text), html);
        assert_eq!(to_text(text), plain);
    }

    #[test]
    fn markdown_is_html_in_pages_and_words_in_plain_mail() {
        check(
            "Visits *and* leads.\n\nMore.",
            "<p>Visits <em>and</em> leads.</p>\n<p>More.</p>",
            "Visits and leads.\nMore.",
        );
        check("- one\n- **two**", "<ul>\n<li>one</li>\n<li><strong>two</strong></li>\n</ul>", "- one\n- two");
        check("# Big", "<p><strong>Big</strong></p>", "Big");
        check("[the plan](https://a.b/c)", "<p><a href=\"https://a.b/c\">the plan</a></p>", "the plan (https://a.b/c)");
    }

    #[test]
    fn hostile_markdown_stays_text() {
        check(
            "<script>x()</script> & <b>",
            "<p>&lt;script&gt;x()&lt;/script&gt; &amp; &lt;b&gt;</p>",
            "<script>x()</script> & <b>",
        );
        check("[a](javascript:x())", "<p><a href=\"#\">a</a></p>", "a");
        check("![chart](https://tracker/p.png)", "<p>chart</p>", "chart");
    }
}

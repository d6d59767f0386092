//! The free text of a section: CommonMark as safe HTML, and as plain text.
//!
//! HTML in it is shown, not obeyed; pictures become their description, since a mail loads nothing from elsewhere; links lead to
//! `https:` and `mailto:` addresses, and any other becomes plain words. Headings are bold paragraphs, because the report's own
//! outline is not the text's to change. Control characters, which entities can write, are U+FFFD.

use crate::text::harmless;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Parser, Tag, TagEnd, html};

/// Elements deeper than this are dropped with their content kept: programs that show mail give up on deep HTML.
const DEEPEST: usize = 16;

/// HTML that can stand in a page as it is.
pub(super) fn to_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3 / 2);
    let mut open = Vec::new();
    html::push_html(&mut out, Parser::new(text).flat_map(|event| safe(event, &mut open)));
    out.trim_end().to_owned()
}

/// What has become of an element that is open, and so what must end it.
#[derive(Debug)]
enum Open {
    Dropped,
    Kept(TagEnd),
    /// A paragraph of bold words.
    Heading,
    /// A link that became words, with its address behind them.
    Address(String),
}

fn safe<'e>(event: Event<'e>, open: &mut Vec<Open>) -> Vec<Event<'e>> {
    match event {
        Event::Start(tag) => start(tag, open),
        Event::End(_) => match open.pop() {
            Some(Open::Kept(end)) => vec![Event::End(end)],
            Some(Open::Heading) => vec![Event::End(TagEnd::Strong), Event::End(TagEnd::Paragraph)],
            Some(Open::Address(url)) => vec![Event::Text(format!(" ({url})").into())],
            Some(Open::Dropped) | None => Vec::new(),
        },
        Event::Html(text) | Event::InlineHtml(text) | Event::Text(text) => vec![Event::Text(clean(text))],
        Event::Code(text) => vec![Event::Code(clean(text))],
        event => vec![event],
    }
}

fn start<'e>(tag: Tag<'e>, open: &mut Vec<Open>) -> Vec<Event<'e>> {
    if open.len() >= DEEPEST {
        open.push(Open::Dropped);
        return Vec::new();
    }
    let tag = match tag {
        Tag::Heading { .. } => {
            open.push(Open::Heading);
            return vec![Event::Start(Tag::Paragraph), Event::Start(Tag::Strong)];
        }
        Tag::Image { .. } => {
            open.push(Open::Dropped);
            return Vec::new();
        }
        Tag::Link { link_type, dest_url, title, id } => match address(link_type, &dest_url) {
            Address::Linked(_) => Tag::Link { link_type, dest_url: clean(dest_url), title: clean(title), id },
            Address::Shown(url) => {
                open.push(Open::Address(url));
                return Vec::new();
            }
            Address::None => {
                open.push(Open::Dropped);
                return Vec::new();
            }
        },
        Tag::HtmlBlock => Tag::Paragraph,
        // The language of a block of code would be its class.
        Tag::CodeBlock(_) => Tag::CodeBlock(CodeBlockKind::Indented),
        tag => tag,
    };
    open.push(Open::Kept(tag.to_end()));
    vec![Event::Start(tag)]
}

/// Where a link may lead, as readers see it.
enum Address {
    Linked(String),
    /// Not safe enough to be followed by a click, but worth knowing.
    Shown(String),
    None,
}

fn address(link: LinkType, url: &str) -> Address {
    let shown = || harmless(url.into());
    let begins = |scheme: &str| url.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme));
    match () {
        () if link == LinkType::Email => Address::Linked(shown()),
        () if begins("mailto:") => Address::Linked(shown()["mailto:".len()..].to_owned()),
        () if begins("https://") => Address::Linked(shown()),
        () if begins("http://") => Address::Shown(shown()),
        () => Address::None,
    }
}

/// Without characters that a terminal or a mail program would obey.
fn clean(text: CowStr<'_>) -> CowStr<'_> {
    let lines: Vec<String> = text.split('\n').map(|line| harmless(line.into())).collect();
    if lines.join("\n") == *text { text } else { lines.join("\n").into() }
}

/// The same for plain mail: a paragraph a line, list items with `- ` or their number, links with their address behind them.
pub(super) fn to_text(text: &str) -> String {
    let mut plain = Plain::default();
    Parser::new(text).for_each(|event| plain.add(event));
    plain.out.trim().to_owned()
}

#[derive(Default)]
struct Plain {
    out: String,
    /// The addresses of the links that are open.
    links: Vec<Address>,
    /// The next number of each list that is open, or none.
    lists: Vec<Option<u64>>,
}

impl Plain {
    fn add(&mut self, event: Event) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.out.push_str(&clean(text));
            }
            Event::SoftBreak => self.out.push(' '),
            Event::HardBreak | Event::Rule => self.out.push('\n'),
            Event::Start(Tag::List(first)) => {
                self.end_line();
                self.lists.push(first);
            }
            Event::End(TagEnd::List(_)) => {
                self.lists.pop();
            }
            Event::Start(Tag::Item) => self.item(),
            Event::Start(Tag::Link { link_type, dest_url, .. }) => self.links.push(address(link_type, &dest_url)),
            Event::End(TagEnd::Link) => {
                if let Some(Address::Linked(url) | Address::Shown(url)) = self.links.pop()
                    && !self.out.ends_with(&url)
                {
                    self.out.push_str(&format!(" ({url})"));
                }
            }
            Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::CodeBlock | TagEnd::HtmlBlock,
            ) => self.end_line(),
            _ => {}
        }
    }

    fn end_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn item(&mut self) {
        self.end_line();
        self.out.push_str(&"  ".repeat(self.lists.len().clamp(1, DEEPEST) - 1));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                self.out.push_str(&format!("{number}. "));
                *number = number.saturating_add(1);
            }
            _ => self.out.push_str("- "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
        check(
            "4. one\n   - inner\n5. two",
            "<ol start=\"4\">\n<li>one\n<ul>\n<li>inner</li>\n</ul>\n</li>\n<li>two</li>\n</ol>",
            "4. one\n  - inner\n5. two",
        );
        check("# Big", "<p><strong>Big</strong></p>", "Big");
        check("```sh\na < b\n```", "<pre><code>a &lt; b\n</code></pre>", "a < b");
    }

    #[test]
    fn links_lead_to_web_and_mail_addresses_only() {
        check("[the plan](https://a.b/c)", "<p><a href=\"https://a.b/c\">the plan</a></p>", "the plan (https://a.b/c)");
        check("<https://a.b>", "<p><a href=\"https://a.b\">https://a.b</a></p>", "https://a.b");
        check("<ana@a.b>", "<p><a href=\"mailto:ana@a.b\">ana@a.b</a></p>", "ana@a.b");
        check("[Ana](MAILTO:ana@a.b)", "<p><a href=\"MAILTO:ana@a.b\">Ana</a></p>", "Ana (ana@a.b)");
        check("[wiki](http://wiki/a)", "<p>wiki (http://wiki/a)</p>", "wiki (http://wiki/a)");
        for url in [
            "javascript:x()",
            "JaVaScRiPt:x()",
            "&#106;avascript:x",
            "data:text/html,x",
            "//a.b",
            "a.html",
            "file:///etc/passwd",
        ] {
            check(&format!("[a]({url})"), "<p>a</p>", "a");
        }
        check("[a]( <java\tscript:x> )", "<p>a</p>", "a");
        check("[a][1]\n\n[1]: javascript:x", "<p>a</p>", "a");
        check("<javascript:x>", "<p>javascript:x</p>", "javascript:x");
    }

    #[test]
    fn hostile_markdown_stays_text() {
        check(
            "<script>x()</script> & <b>",
            "<p>&lt;script&gt;x()&lt;/script&gt; &amp; &lt;b&gt;</p>",
            "<script>x()</script> & <b>",
        );
        check("a \"><img onerror=x>", "<p>a \"&gt;&lt;img onerror=x&gt;</p>", "a \"><img onerror=x>");
        check("![chart](https://tracker/p.png)", "<p>chart</p>", "chart");
        check(
            "[a](https://b \"\\\"><script>\")",
            "<p><a href=\"https://b\" title=\"&quot;&gt;&lt;script&gt;\">a</a></p>",
            "a (https://b)",
        );
        check("&lt;b&gt; &#27;[31m &#x202E;", "<p>&lt;b&gt; \u{fffd}[31m \u{fffd}</p>", "<b> \u{fffd}[31m \u{fffd}");
        check("<div\n", "<p>&lt;div\n</p>", "<div");
    }

    #[test]
    fn deep_nesting_ends_and_takes_no_time() {
        for text in
            [">".repeat(50_000), "*a ".repeat(20_000), "- ".repeat(2_000), "[".repeat(50_000), "**a".repeat(20_000)]
        {
            let html = to_html(&text);
            assert!(depth(&html).unwrap() <= DEEPEST + 1, "{}", &text[..10]);
            to_text(&text);
        }
    }

    const PARTS: [&str; 36] = [
        "<script>",
        "</script>",
        "<img src=x onerror=y>",
        "\"",
        "'",
        ">",
        "<",
        "javascript:",
        "data:",
        "https://a",
        "mailto:",
        "[",
        "](",
        ")",
        "![",
        "<https://",
        "<a@b.c>",
        "`",
        "```",
        "~~~",
        "*",
        "**",
        "_",
        "#",
        "\n",
        "\n\n",
        " ",
        "    ",
        "- ",
        "1. ",
        "> ",
        "&#27;",
        "&quot;",
        "&#x3c;",
        "\\",
        "[1]: ",
    ];

    fn markdown() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            6 => prop::sample::select(&PARTS[..]).prop_map(str::to_owned),
            1 => any::<String>(),
            1 => "[a-z ]{1,8}",
        ];
        prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn no_text_makes_a_tag_of_its_own(text in markdown()) {
            let html = to_html(&text);
            let depth = depth(&html);
            prop_assert!(depth.is_ok(), "{:?} → {html}: {depth:?}", text);
            let unsafe_ = |c: char| c.is_control() && c != '\n';
            prop_assert!(!html.contains(unsafe_) && !to_text(&text).contains(unsafe_), "{:?}", text);
        }
    }

    /// How deep the elements of `html` are nested; or what in it is no element of ours.
    fn depth(html: &str) -> Result<usize, String> {
        let mut open: Vec<&str> = Vec::new();
        let mut deepest = 0;
        let mut rest = html;
        while let Some(start) = rest.find(['<', '>']) {
            let tag = rest[start..].strip_prefix('<').ok_or("a `>` of no tag")?;
            let end = tag.find('>').ok_or("a tag without end")?;
            rest = &tag[end + 1..];
            let tag = &tag[..end];
            if let Some(name) = tag.strip_prefix('/') {
                (open.pop() == Some(name)).then_some(()).ok_or(format!("</{name}> ends nothing"))?;
                continue;
            }
            let name = tag.split(' ').next().unwrap_or_default();
            match name {
                "br" | "hr" => {
                    (tag == format!("{name} /")).then_some(()).ok_or(tag)?;
                    continue;
                }
                "p" | "em" | "strong" | "ul" | "li" | "blockquote" | "pre" | "code" if tag == name => {}
                "ol" => ordered(tag).ok_or(tag)?,
                "a" => link(tag).ok_or(tag)?,
                _ => return Err(format!("<{tag}>")),
            }
            open.push(name);
            deepest = deepest.max(open.len());
        }
        if open.is_empty() { Ok(deepest) } else { Err(format!("{open:?} stay open")) }
    }

    fn ordered(tag: &str) -> Option<()> {
        let start = tag.strip_prefix("ol")?;
        let number = start.strip_prefix(" start=\"").and_then(|rest| rest.strip_suffix('"'));
        (start.is_empty() || number?.bytes().all(|digit| digit.is_ascii_digit())).then_some(())
    }

    fn link(tag: &str) -> Option<()> {
        let (url, rest) = tag.strip_prefix("a href=\"")?.split_once('"')?;
        let url = url.to_ascii_lowercase();
        let title = rest.is_empty()
            || rest.strip_prefix(" title=\"")?.strip_suffix('"').is_some_and(|title| !title.contains('"'));
        (title && (url.starts_with("https://") || url.starts_with("mailto:"))).then_some(())
    }
}

//! The comment on a pull request, read as GitHub does: what people wrote is text, whatever it looks like.

use super::{YAML, kpid};
use crate::installation::Folder;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Each would do something if it stood in Markdown as it is.
const HOSTILE: [&str; 9] = [
    "@security/team please",
    "</summary></details><script>alert(1)</script>",
    "a | b \\| c \\\\| d",
    "``` ` ````",
    "[click](https://example.com) ![x](https://example.com/x.png)",
    "closes #1, GH-2, !3",
    "<!-- gone -->",
    "*bold* _it_ ~no~ https://example.com",
    "`",
];

/// The comment on putting `text` wherever a text may stand.
fn comment(text: &str) -> String {
    let folder = Folder::new();
    folder.write("old/all.yaml", YAML);
    let quoted = serde_json::to_string(text).unwrap();
    let longer = serde_json::to_string(&format!("{text}\n{text}")).unwrap();
    let edited = YAML
        .replace("name: Won", &format!("name: {quoted}, description: {longer}, tags: [{quoted}]"))
        .replace("name: Tom Hill", &format!("name: {quoted}"))
        .replace("title: All", &format!("title: {quoted}, text: {longer}"))
        .replace("why: Budget", &format!("why: {quoted}"));
    folder.write("new/all.yaml", &edited);
    let ran = kpid(folder.path(), &["diff", "old", "new", "--format", "markdown"], &[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{text}");
    ran.out
}

#[test]
fn hostile_text_is_code_and_nothing_else() {
    for text in HOSTILE {
        let markdown = comment(text);
        let (mut code, mut html, mut cells) = (0, String::new(), Vec::new());
        let (mut in_block, mut in_link) = (false, false);
        for event in Parser::new_ext(&markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
            match event {
                Event::Start(Tag::CodeBlock(_)) => in_block = true,
                Event::End(TagEnd::CodeBlock) => in_block = false,
                Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Emphasis | Tag::Strikethrough) => {
                    in_link = true
                }
                Event::Start(Tag::TableHead | Tag::TableRow) => cells.push(0),
                Event::Start(Tag::TableCell) => *cells.last_mut().unwrap() += 1,
                Event::Code(_) => code += 1,
                Event::Text(_) if in_block => code += 1,
                Event::Text(plain) => {
                    let sign = plain.chars().find(|c| "@<|`#!*[".contains(*c));
                    assert_eq!(sign, None, "{text}: {plain}");
                }
                Event::Html(part) | Event::InlineHtml(part) => html.push_str(&part),
                _ => {}
            }
        }
        assert!(code > 10 && !in_link, "{text}: {markdown}");
        assert!(cells.iter().all(|count| matches!(count, 2..=4)), "{cells:?}");
        let tags = ["<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>"];
        let rest = tags.iter().fold(html, |html, tag| html.replace(tag, ""));
        assert!(!rest.contains('<') && !rest.contains('@'), "{text}: {rest}");
    }
}

#[test]
fn hostile_text_is_all_there() {
    for text in HOSTILE {
        let markdown = comment(text);
        let codes = Parser::new_ext(&markdown, Options::ENABLE_TABLES).filter_map(|event| match event {
            Event::Code(code) => Some(code.to_string()),
            _ => None,
        });
        // A backslash before a bar has room after it.
        let expected = text.replace("\\|", "\\ |");
        assert!(codes.into_iter().any(|code| code == expected), "{expected}: {markdown}");
    }
}

#[test]
fn comment_stays_within_what_a_comment_may_hold() {
    let folder = Folder::new();
    let many = |target: usize| {
        let kpi = |n| format!("  k{n}: {{ name: K, formula: leads.won, unit: count, good: up, target: {target} }}\n");
        YAML.replace("people:\n", &format!("{}people:\n", (0..700).map(kpi).collect::<String>()))
    };
    folder.write("old/all.yaml", &many(1));
    folder.write("new/all.yaml", &many(2));
    let ran = kpid(folder.path(), &["diff", "old", "new", "--format", "markdown"], &[]);
    assert!(ran.out.starts_with("### KPIs: 700 KPIs change\n") && ran.out.len() < 65_536, "{}", ran.out.len());
    assert!(
        ran.out.ends_with(" parts left out: a comment has no room for more. `kpid diff` shows all.\n"),
        "{}",
        ran.out
    );
}

//! What README, guide and reference show is what kpid takes and says: every YAML block loads, every command is one, and the guide's
//! answers are what it answers.

mod commands;
mod guide;

use crate::installation::Folder;
use kpid::catalog::Catalog;
use kpid::demo::catalogue;
use std::path::Path;

/// A block of Markdown fenced as ` ```yaml `, and whether it is a fragment that needs the page's context.
pub struct Block {
    line: usize,
    fragment: bool,
    pub text: String,
}

pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for (number, line) in page.lines().enumerate() {
        match line.trim_end() {
            "```yaml" | "```yaml fragment" => {
                inside = true;
                blocks.push(Block { line: number + 1, fragment: line.ends_with("fragment"), text: String::new() });
            }
            "```" => inside = false,
            line if inside => {
                let text = &mut blocks.last_mut().expect("a block was begun").text;
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    blocks
}

/// Loads the blocks of `page`; fragments beside what `context` has written.
fn check(page: &str, context: impl Fn(&Folder, &[Block])) {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).expect("the page");
    let blocks = blocks(&text);
    assert!(blocks.len() > 1, "{page} has YAML");
    for block in &blocks {
        let folder = Folder::new();
        if block.fragment {
            context(&folder, &blocks);
        }
        folder.write("block.yaml", &block.text);
        let env = |name: &str| (name != "KPID_MAIL").then(|| "postgres://kpid@localhost/crm".to_owned());
        let loaded = Catalog::load(folder.path(), &env);
        if let Err(problems) = loaded {
            panic!("{page}:{}: {problems}", block.line);
        }
    }
}

#[test]
fn every_block_of_the_reference_loads() {
    check("src/cli/language.md", |folder, blocks| {
        folder.write("first.yaml", &blocks[0].text);
    });
}

#[test]
fn every_block_of_the_readme_loads() {
    check("README.md", |folder, _| catalogue::write(folder.path()).expect("the shipped catalogue"));
}

#[test]
fn no_yaml_of_the_pages_goes_untried() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<_> =
        std::fs::read_dir(root.join("docs")).expect("docs").map(|page| page.unwrap().path()).collect();
    pages.retain(|page| page.extension().is_some_and(|kind| kind == "md"));
    pages.extend(["README.md", "src/cli/language.md"].map(|page| root.join(page)));
    for page in pages {
        let tried: &[&str] = match page.file_name().and_then(|name| name.to_str()) {
            Some("README.md" | "language.md") => &["yaml", "yaml fragment"],
            Some("guide.md") => &["yaml fragment kpis/"],
            // By the tests of templates, and of `kpid diff`.
            Some("templates.md") => &["yaml fragment"],
            Some("ci.md") => &["yaml ci"],
            _ => &[],
        };
        let text = std::fs::read_to_string(&page).expect("the page");
        for fence in text.lines().filter_map(|line| line.trim_start().strip_prefix("```")) {
            let is_tried = tried.iter().any(|kind| fence == *kind || (kind.ends_with('/') && fence.starts_with(kind)));
            assert!(!fence.starts_with("y") || is_tried, "{}: nothing tries ```{fence}", page.display());
        }
    }
}

/// Where the links of a page lead: path (empty for itself) and heading.
fn links(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let targets = text.split("](").skip(1).map(|rest| rest.split(')').next().expect("a first part"));
    targets
        .filter(|target| !target.starts_with("https://"))
        .map(|target| target.split_once('#').unwrap_or((target, "")))
}

/// The anchors of a page's headings, as forges name them.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
    headings.map(|heading| heading.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")).collect()
}

#[test]
fn every_link_of_the_pages_leads_to_a_file_and_a_heading() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in ["README.md", "CHANGELOG.md", "docs/guide.md", "docs/ci.md", "docs/templates.md"] {
        let page = root.join(page);
        let text = std::fs::read_to_string(&page).expect("the page");
        for (path, heading) in links(&text) {
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            assert!(target.exists(), "{} leads to {path}", page.display());
            let is_there =
                heading.is_empty() || anchors(&std::fs::read_to_string(&target).unwrap()).iter().any(|a| a == heading);
            assert!(is_there, "{}: {path} has no #{heading}", page.display());
        }
    }
}

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
    let mut pages: Vec<_> = std::fs::read_dir(root.join("docs")).expect("docs").map(|page| page.unwrap().path()).collect();
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

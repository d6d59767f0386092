//! Every `kpid …` that the pages show is a command with those flags.

use clap::Parser;
use kpid::cli::Args;
use std::path::Path;

/// How kpid is called on the pages.
const CALLS: [&str; 4] = ["kpid ", "sudo -u kpid kpid ", "docker exec kpid kpid ", "cargo run --release -- "];

/// The commands of a page: lines of a shell or behind the `$` of a console, and `code` inside text.
pub fn commands(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fence = "";
    for line in page.lines() {
        let line = line.trim();
        match (line.strip_prefix("```"), fence) {
            (Some(_), "") => fence = line,
            (Some(_), _) => fence = "",
            (None, "") => found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned)),
            (None, "```sh") => found.push(line.to_owned()),
            (None, _) if fence.starts_with("```console") => found.extend(line.strip_prefix("$ ").map(str::to_owned)),
            (None, _) => {}
        }
    }
    let each = |line: String| line.split(" && ").map(str::to_owned).collect::<Vec<_>>();
    let is_whole = |code: &String| CALLS.iter().any(|call| code.starts_with(call)) && !code.ends_with(" …");
    found.into_iter().flat_map(each).filter(is_whole).collect()
}

/// The words of a command or of its synopsis: what is in brackets may stand there, and the first of several will do.
fn words(code: &str) -> Vec<String> {
    let arguments = CALLS.iter().find_map(|call| code.strip_prefix(call)).expect("it begins so");
    let command = arguments.split(" # ").next().expect("a first part").split(" > ").next().expect("a first part");
    let mut words = vec!["kpid".to_owned()];
    for (at, part) in command.split('"').enumerate() {
        match at % 2 {
            1 => words.push(part.to_owned()),
            _ => words.extend(part.split_whitespace().map(|word| {
                word.split('|')
                    .next()
                    .expect("a first part")
                    .trim_matches(['[', ']', '\\'])
                    .trim_end_matches(',')
                    .to_owned()
            })),
        }
    }
    words
}

/// What is wrong with a command; asking for help is fine.
fn refused(code: &str) -> Option<String> {
    let error = Args::try_parse_from(words(code)).err().filter(clap::Error::use_stderr)?;
    Some(format!("{code}: {error}"))
}

#[test]
fn every_command_that_the_pages_show_exists_with_its_flags() {
    for (page, least) in [("README.md", 40), ("docs/guide.md", 30), ("docs/ci.md", 4), ("src/cli/language.md", 3)] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).expect("the page");
        let commands = commands(&text);
        assert!(commands.len() >= least, "{page} has {} commands", commands.len());
        let wrong: Vec<_> = commands.iter().filter_map(|code| refused(code)).collect();
        assert!(wrong.is_empty(), "{page}: {}", wrong.join("\n"));
    }
}

#[test]
fn a_flag_or_command_that_does_not_exist_is_found() {
    let page = "Run `kpid chek`.\n```sh\nkpid check --conect   # all\nkpid check && kpid tset\n```\n";
    let wrong: Vec<_> = commands(page).iter().filter_map(|code| refused(code)).collect();
    assert_eq!(wrong.len(), 3, "{wrong:?}");
}

//! The guide is done as it says, from its first line to its last: files are written, commands run, answers compared.
//!
//! A block `yaml fragment PATH` is a file. A block `console` holds commands behind `$` and what they answer; `console with PATH: OLD ->
//! NEW` does so after that edit, which is then taken back. A line `…` stands for any lines, `…` in a line for anything; in a line with
//! a date any digit will do, because the sample ends today.

use crate::installation::Folder;
use crate::servers;
use std::path::Path;
use std::process::Command;

/// A fenced block: its words behind the fence, and its lines.
fn blocks(page: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(info) => {
                inside = true;
                blocks.push((info, Vec::new()));
            }
            None if inside => blocks.last_mut().expect("a block was begun").1.push(line),
            None => {}
        }
    }
    blocks
}

/// What the command answers, as a terminal shows it.
fn answer(folder: &Path, command: &str) -> String {
    let bin = Path::new(env!("CARGO_BIN_EXE_kpid")).parent().expect("a folder");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").expect("a path"));
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{command} 2>&1")]).current_dir(folder).env("PATH", path);
    shell.env_remove("KPID_DIR").env_remove("KPID_MAIL").env_remove("SHOP_URL");
    for who in ["AUTHOR", "COMMITTER"] {
        shell.env(format!("GIT_{who}_NAME"), "Ana").env(format!("GIT_{who}_EMAIL"), "ana@example.com");
    }
    shell
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CEILING_DIRECTORIES", folder.parent().expect("a parent"));
    String::from_utf8(shell.stdin(std::process::Stdio::null()).output().expect("it runs").stdout).expect("UTF-8")
}

/// Whether lines are as the page says.
fn fits(said: &[&str], answered: &[&str]) -> bool {
    match (said, answered) {
        ([], rest) => rest.is_empty(),
        ([one, said @ ..], _) if one.trim() == "…" => (0..=answered.len()).any(|skip| fits(said, &answered[skip..])),
        ([one, said @ ..], [line, answered @ ..]) => alike(one, line) && fits(said, answered),
        _ => false,
    }
}

fn alike(said: &str, answered: &str) -> bool {
    let (said, answered) = match said.contains(" 20") || said.contains("-W") {
        true => (dateless(said), dateless(answered)),
        false => (said.to_owned(), answered.trim_end().to_owned()),
    };
    let Some((before, after)) = said.split_once('…') else { return said == answered };
    answered.strip_prefix(before).is_some_and(|rest| rest.ends_with(after))
}

/// The same on any day of any year, in summer and in winter.
fn dateless(line: &str) -> String {
    line.trim_end().replace("CEST", "CET").replace(|c: char| c.is_ascii_digit(), "0")
}

/// Runs the commands of a block and compares.
fn converse(folder: &Path, lines: &[&str]) {
    for talk in
        lines.split(|line| line.starts_with("$ ")).skip(1).zip(lines.iter().filter(|line| line.starts_with("$ ")))
    {
        let (said, command) = talk;
        let answer = answer(folder, command.trim_start_matches("$ "));
        let answered: Vec<&str> = answer.trim_end().lines().collect();
        assert!(fits(said, &answered), "{command} answers\n{answer}\nand not\n{}", said.join("\n"));
    }
}

/// `PATH: OLD -> NEW`: the file, as it is, and as it is to be.
fn edit(folder: &Folder, what: &str) -> (String, String, String) {
    let (path, change) = what.split_once(": ").expect("PATH: OLD -> NEW");
    let (old, new) = change.split_once(" -> ").expect("OLD -> NEW");
    let was = std::fs::read_to_string(folder.path().join(path)).expect("the file");
    assert_eq!(was.matches(old).count(), 1, "{what}");
    let is = was.replace(old, new);
    (path.to_owned(), was, is)
}

#[test]
fn the_guide_works_as_it_says() {
    if !servers::has("git", &["--version"]) {
        return;
    }
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide.md")).expect("the guide");
    let folder = Folder::new();
    let mut talks = 0;
    for (info, lines) in blocks(&page) {
        if let Some(path) = info.strip_prefix("yaml fragment ") {
            folder.write(path, &(lines.join("\n") + "\n"));
        } else if let Some(what) = info.strip_prefix("console with ") {
            let (path, was, is) = edit(&folder, what);
            folder.write(&path, &is);
            converse(folder.path(), &lines);
            folder.write(&path, &was);
            talks += 1;
        } else if info == "console" {
            converse(folder.path(), &lines);
            talks += 1;
        }
    }
    assert!(talks > 10, "{talks} blocks were run");
    let check = answer(folder.path(), "kpid check --deny-warnings");
    assert!(check.contains("all right") && !check.contains("[W"), "in the end all is right: {check}");
}

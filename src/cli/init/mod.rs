//! `kpid init`

mod answers;
mod files;

use super::{Exit, installation, output, schema, wrong};
use crate::calendar::clock;
use crate::catalog::SCHEMA_FILE;
use crate::demo::sample;
use crate::query::Engine;
use crate::text::shell_word;
use answers::{Answers, EngineName, LanguageName};
use anyhow::Context;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Write a folder to begin with: a few KPIs, their source and a report, with comments
///
/// Asks three questions; without a terminal it takes the flags, and says which defaults stand in for the others. Nothing that is there
/// is overwritten.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid init\n  kpid init kpis --engine postgres --language es --currency EUR\n  kpid init --yes                  ask nothing\n\nWith --engine sqlite it makes a small sample database, so that there are numbers\nat once. For the others the sample is computed by the query itself: set SHOP_URL.\n\nExit codes: 0 written, 1 a file could not be written, 2 wrong input"
)]
pub struct Args {
    /// The folder; that of --dir when absent
    folder: Option<PathBuf>,
    /// Where your numbers are
    #[arg(long, value_enum)]
    engine: Option<EngineName>,
    /// Of comments and reports
    #[arg(long, value_enum)]
    language: Option<LanguageName>,
    /// Three letters: EUR, USD, MXN
    #[arg(long)]
    currency: Option<String>,
    /// IANA name: Europe/Madrid; this machine's when absent
    #[arg(long)]
    timezone: Option<String>,
    /// Ask nothing
    #[arg(short, long)]
    yes: bool,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let dir = args.folder.clone().unwrap_or_else(|| dir.to_owned());
    let shown = writable(&dir)?;
    let answers = answers::given(&args, shown)?;
    let mut files = files::files(&answers);
    let unsaid = unsaid(&dir, &mut files)?;
    refuse_what_is_there(&dir, files.iter().map(|(name, _)| *name).chain([files::SAMPLE, SCHEMA_FILE]))?;
    fs::create_dir_all(&dir).with_context(|| format!("make the folder {}", dir.display()))?;
    for (name, text) in &files {
        write(&dir.join(name), text)?;
    }
    if answers.engine == Engine::Sqlite {
        let today = clock::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        sample::write(&dir.join(files::SAMPLE), today).await?;
    }
    schema::refresh(&dir)?;
    installation::load(&dir)?;
    output::print(&(next(&dir, &answers) + &unsaid))?;
    Ok(Exit::Done)
}

fn next(dir: &Path, answers: &Answers) -> String {
    let (dir, kpid) = (dir.display(), answers.command());
    let database = match answers.engine {
        Engine::Sqlite => String::new(),
        Engine::Postgres => "  export SHOP_URL=postgres://user@host/database\n".to_owned(),
        Engine::Mysql => "  export SHOP_URL=mysql://user@host/database\n".to_owned(),
    };
    format!(
        "wrote {dir}: settings, sources, KPIs and a report, each with comments\n\nnext:\n{database}  \
         {kpid} measure      the numbers of last week\n  \
         {kpid} preview      the report as it will arrive; edit the YAML and watch\n  \
         {kpid} import shop  tables that sources could read\n"
    )
}

/// Takes the `.gitignore` out of `files` where one is there already, and says what that one lacks.
fn unsaid(dir: &Path, files: &mut Vec<(&'static str, String)>) -> anyhow::Result<String> {
    let path = dir.join(files::GITIGNORE);
    if path.symlink_metadata().is_err() {
        return Ok(String::new());
    }
    let there = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    let ours: String = files.extract_if(.., |(name, _)| *name == files::GITIGNORE).map(|(_, text)| text).collect();
    let is_there = |line: &str| there.lines().any(|own| own.trim() == line);
    let lacking = ours.lines().filter(|line| !line.starts_with('#') && !is_there(line));
    let lacking: String = lacking.map(|line| format!("  {line}\n")).collect();
    Ok(match lacking.is_empty() {
        true => lacking,
        false => format!("\n{} is left as it is; add what kpid writes beside the YAML:\n{lacking}", path.display()),
    })
}

/// The folder as URLs in the YAML name it.
///
/// # Errors
/// It can't stand there.
fn writable(dir: &Path) -> anyhow::Result<String> {
    let odd = |c: char| c.is_control() || "%?#\"\\${}".contains(c);
    dir.to_str().filter(|dir| !dir.is_empty() && !dir.contains(odd)).map(str::to_owned).ok_or_else(|| {
        let help = "choose one of letters, digits, spaces, `-`, `_` and `.`".to_owned();
        wrong(format!("`{}` can't be written in a URL as it is", dir.display()), Some(help))
    })
}

fn refuse_what_is_there<'a>(dir: &Path, mut ours: impl Iterator<Item = &'a str>) -> anyhow::Result<()> {
    let there = |name: &str| dir.join(name).symlink_metadata().is_ok();
    let yaml = || {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|kind| kind == "yaml" || kind == "yml"))
    };
    let found = ours.find(|name| there(name)).map(|name| dir.join(name)).or_else(yaml);
    let Some(found) = found else { return Ok(()) };
    let word = dir.to_string_lossy();
    let word = shell_word(&word);
    let help = format!("name another folder: kpid init FOLDER; or add to this one: kpid --dir {word} new kpi NAME");
    Err(wrong(format!("{} is there already, and nothing is overwritten", found.display()), Some(help)))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).with_context(|| format!("write {}", path.display()))
}

//! `kpid init`

mod files;

use super::addition::SCHEMA;
use super::{Exit, Explained, ask, installation, output, wrong};
use crate::calendar::clock;
use crate::catalog;
use crate::demo::sample;
use crate::query::Engine;
use crate::text::cldr;
use anyhow::Context;
use clap::ValueEnum;
use files::Answers;
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EngineName {
    /// A file; there is a sample
    Sqlite,
    Postgres,
    /// Also MariaDB
    Mysql,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LanguageName {
    Es,
    En,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let dir = args.folder.clone().unwrap_or_else(|| dir.to_owned());
    let shown = writable(&dir)?;
    let answers = answers(&args, shown)?;
    let files = files::files(&answers);
    refuse_what_is_there(&dir, files.iter().map(|(name, _)| *name))?;
    fs::create_dir_all(&dir).with_context(|| format!("make the folder {}", dir.display()))?;
    for (name, text) in &files {
        write(&dir.join(name), text)?;
    }
    if answers.engine == Engine::Sqlite {
        let today = clock::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        sample::write(&dir.join(files::SAMPLE), today).await?;
    }
    let names = catalog::names(&dir).map_err(|problems| {
        installation::show(&problems);
        Explained
    })?;
    write(&dir.join(SCHEMA), &catalog::schema(Some(&names)))?;
    installation::load(&dir)?;
    output::print(&next(&dir, &answers))?;
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
    let help =
        format!("name another folder: kpid init FOLDER; or add to this one: kpid --dir {} new kpi NAME", dir.display());
    Err(wrong(format!("{} is there already, and nothing is overwritten", found.display()), Some(help)))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).with_context(|| format!("write {}", path.display()))
}

/// What the flags say, else whoever sits at the terminal, else what is usual here, which is told.
fn answers(args: &Args, dir: String) -> anyhow::Result<Answers> {
    let asks = ask::anybody() && !args.yes;
    let surroundings = Surroundings::read();
    let engine = match args.engine {
        Some(engine) => engine,
        None => chosen(
            asks,
            "Where are your numbers: sqlite (a file, with a sample), postgres or mysql?",
            "sqlite",
            "--engine",
        )?,
    };
    let language = match args.language {
        Some(language) => language,
        None => chosen(asks, "Language of comments and reports: es or en?", surroundings.language(), "--language")?,
    };
    let currency = match &args.currency {
        Some(currency) => currency.to_uppercase(),
        None if asks => ask::until("Currency (three letters)?", "EUR", |text| {
            if catalog::is_currency(&text.to_uppercase()) {
                Ok(())
            } else {
                Err(format!("`{text}` is no currency: EUR, USD, MXN, …"))
            }
        })?
        .to_uppercase(),
        None => told("--currency", "EUR"),
    };
    if !catalog::is_currency(&currency) {
        return Err(wrong(
            format!("unknown currency `{currency}`"),
            Some("three letters (ISO 4217): EUR, USD, MXN".to_owned()),
        ));
    }
    let timezone = match &args.timezone {
        Some(zone) if jiff::tz::TimeZone::get(zone).is_err() => {
            return Err(wrong(format!("unknown time zone `{zone}`"), Some("write it like Europe/Madrid".to_owned())));
        }
        Some(zone) => zone.clone(),
        None => surroundings.timezone.clone(),
    };
    let language = if language == LanguageName::Es { "es" } else { "en" };
    let engine = match engine {
        EngineName::Sqlite => Engine::Sqlite,
        EngineName::Postgres => Engine::Postgres,
        EngineName::Mysql => Engine::Mysql,
    };
    Ok(Answers { dir, engine, language, locale: surroundings.locale(language), timezone, currency })
}

/// One of the values of `T`.
fn chosen<T: ValueEnum>(asks: bool, question: &str, default: &str, flag: &str) -> anyhow::Result<T> {
    let read = |text: &str| T::from_str(text, true);
    let text = match asks {
        true => ask::until(question, default, |text| {
            read(text).map(|_| ()).map_err(|_| format!("`{text}` is none of them"))
        })?,
        false => told(flag, default),
    };
    read(&text).map_err(|why| wrong(why, None))
}

fn told(flag: &str, default: &str) -> String {
    eprintln!("{flag} {default}, as nothing else was said");
    default.to_owned()
}

/// What this machine says of its user.
struct Surroundings {
    /// BCP 47, if the environment names one that CLDR knows.
    locale: Option<String>,
    timezone: String,
}

impl Surroundings {
    fn read() -> Surroundings {
        let named = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
        let locale = named.filter(|value| !value.is_empty()).take(1).find_map(|value| bcp47(&value));
        let zone = jiff::tz::TimeZone::try_system().ok();
        let name = zone.as_ref().and_then(jiff::tz::TimeZone::iana_name).filter(|name| !name.starts_with("Etc/"));
        Surroundings { locale, timezone: name.unwrap_or("UTC").to_owned() }
    }

    fn language(&self) -> &'static str {
        if self.locale.as_deref().is_some_and(|locale| locale.starts_with("es")) { "es" } else { "en" }
    }

    fn locale(&self, language: &str) -> String {
        let own = self.locale.as_ref().filter(|locale| locale.split('-').next() == Some(language));
        own.cloned().unwrap_or_else(|| cldr::default_locale(language).to_owned())
    }
}

/// `es_ES.UTF-8` → `es-ES`; nothing for `C`.
fn bcp47(posix: &str) -> Option<String> {
    let name = posix.split(['.', '@']).next()?.replace('_', "-");
    (name.contains('-') && cldr::locale(&name).is_some()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environments_locale_is_read_as_bcp_47() {
        let check = |posix, expected: Option<&str>| assert_eq!(bcp47(posix).as_deref(), expected);
        check("es_ES.UTF-8", Some("es-ES"));
        check("en_GB@euro", Some("en-GB"));
        check("C.UTF-8", None);
        check("POSIX", None);
        check("es", None);
        check("xx_XX", None);
    }
}

//! What a starter folder depends on: told by flags, asked at a terminal, or as is usual where it is written.

use super::Args;
use crate::catalog::is_currency;
use crate::cli::{ask, quoted, wrong};
use crate::query::Engine;
use crate::text::cldr;
use clap::ValueEnum;
use jiff::tz::TimeZone;

/// What a starter folder depends on.
pub struct Answers {
    /// As paths in URLs begin.
    pub dir: String,
    pub engine: Engine,
    /// `es` or `en`.
    pub language: &'static str,
    pub locale: String,
    pub timezone: String,
    pub currency: String,
}

impl Answers {
    /// How kpid is called for the folder.
    pub fn command(&self) -> String {
        if self.dir == "kpis" { "kpid".to_owned() } else { format!("kpid --dir {}", quoted(&self.dir)) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// A file; there is a sample
    Sqlite,
    Postgres,
    /// Also MariaDB
    Mysql,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LanguageName {
    Es,
    En,
}

/// What the flags say, else whoever sits at the terminal, else what is usual here, which is told.
///
/// # Errors
/// A flag is wrong, or the terminal is gone.
pub fn given(args: &Args, dir: String) -> anyhow::Result<Answers> {
    let asks = ask::anybody() && !args.yes;
    let around = Surroundings::read();
    let engine = match args.engine.map_or_else(|| chosen(asks, ENGINE, "sqlite", "--engine"), Ok)? {
        EngineName::Sqlite => Engine::Sqlite,
        EngineName::Postgres => Engine::Postgres,
        EngineName::Mysql => Engine::Mysql,
    };
    let language = match args.language.map_or_else(|| chosen(asks, LANGUAGE, around.language(), "--language"), Ok)? {
        LanguageName::Es => "es",
        LanguageName::En => "en",
    };
    let currency = currency(asks, args.currency.as_deref())?;
    let timezone = args.timezone.clone().unwrap_or_else(|| around.timezone.clone());
    if TimeZone::get(&timezone).is_err() {
        return Err(wrong(format!("unknown time zone `{timezone}`"), Some("write it like Europe/Madrid".to_owned())));
    }
    Ok(Answers { dir, engine, language, locale: around.locale(language), timezone, currency })
}

const ENGINE: &str = "Where are your numbers: sqlite (a file, with a sample), postgres or mysql?";
const LANGUAGE: &str = "Language of comments and reports: es or en?";

fn currency(asks: bool, flag: Option<&str>) -> anyhow::Result<String> {
    let known = |text: &str| match is_currency(&text.to_uppercase()) {
        true => Ok(()),
        false => Err(format!("unknown currency `{text}`")),
    };
    let text = match flag {
        Some(flag) => flag.to_owned(),
        None if asks => ask::until("Currency (three letters)?", "EUR", known)?,
        None => told("--currency", "EUR"),
    };
    known(&text).map_err(|why| wrong(why, Some("three letters (ISO 4217): EUR, USD, MXN".to_owned())))?;
    Ok(text.to_uppercase())
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
        let zone = TimeZone::try_system().ok();
        let name = zone.as_ref().and_then(TimeZone::iana_name).filter(|name| !name.starts_with("Etc/"));
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

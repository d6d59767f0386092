//! What a report says around its numbers: the messages of `texts/*.ftl` (Fluent), by language.
//!
//! In: the built-in files, and those of a folder, which override message by message or add a language. Out: [`Texts`] of one reader,
//! which fall back from the reader's language to the installation's, then to English. `en.ftl` is the contract: a message and its
//! arguments exist when they stand there, arguments as `# $name: …` in the comment. A file that names anything else is refused when it
//! is loaded, so that nothing can go wrong while a report is rendered. Deliberately absent: numbers and dates, which come ready from
//! `format` and `dates`.

mod arg;
mod contract;
mod direction;
mod plural;

#[cfg(test)]
pub(super) mod pseudo;
#[cfg(test)]
mod tests;

pub use arg::Arg;
pub use direction::isolated;

use crate::text::cldr;
use contract::Contract;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_syntax::ast;
use icu_list::ListFormatter;
use icu_list::options::{ListFormatterOptions, ListLength};
use icu_locale_core::Locale;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use unic_langid::LanguageIdentifier;

const EN: &str = include_str!("../../templates/texts/en.ftl");
const ES: &str = include_str!("../../templates/texts/es.ftl");

/// Every language there is.
#[derive(Debug, Clone)]
pub struct AllTexts {
    /// The messages without arguments.
    plain: Arc<[String]>,
    languages: BTreeMap<String, Arc<Language>>,
}

/// The words of one reader. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Texts {
    plain: Arc<[String]>,
    /// Never empty: ends with English.
    chain: Vec<Arc<Language>>,
}

struct Language {
    name: String,
    bundle: FluentBundle<FluentResource>,
}

/// Why a folder's texts can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TextsError {
    #[error("read texts {}: {why}", path.display())]
    Read { path: PathBuf, why: std::io::Error },
    #[error("{}: `{name}` is no language; name the file after one, as in `fr.ftl`", path.display())]
    Language { path: PathBuf, name: String },
    /// `line` counts from 1.
    #[error("{}:{line}: {why}", path.display())]
    Message { path: PathBuf, line: usize, why: String },
}

impl AllTexts {
    /// The built-in languages, and `texts/XX.ftl` below `folder` for any language XX.
    ///
    /// # Errors
    /// A file can't be read or isn't Fluent, or it has a message or argument that `en.ftl` lacks.
    pub fn load(folder: Option<&Path>) -> Result<AllTexts, TextsError> {
        let mut sources: BTreeMap<String, Vec<Source>> = BTreeMap::new();
        for (language, text) in [("en", EN), ("es", ES)] {
            let path = PathBuf::from(format!("templates/texts/{language}.ftl"));
            sources.entry(language.to_owned()).or_default().push(Source { path, text: text.to_owned() });
        }
        for (language, source) in own(folder)? {
            sources.entry(language).or_default().push(source);
        }
        let contract = Contract::of(EN);
        let languages = sources.into_iter().map(|(name, sources)| {
            let language = Language::new(&name, &sources, &contract)?;
            Ok((name, Arc::new(language)))
        });
        let plain = contract.messages.iter().filter(|(_, args)| args.is_empty()).map(|(id, _)| id.clone()).collect();
        Ok(AllTexts { plain, languages: languages.collect::<Result<_, TextsError>>()? })
    }

    /// The languages that have a file, by name.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.languages.keys().map(String::as_str)
    }

    /// The texts of the first of `wanted` that there are (the reader's language, then the installation's); what they lack is said in
    /// the next, at last in English.
    pub fn for_language(&self, wanted: &[&str]) -> Texts {
        let mut chain: Vec<Arc<Language>> = Vec::new();
        for language in wanted.iter().chain(&["en"]).filter_map(|name| self.languages.get(*name)) {
            if chain.iter().all(|known| known.name != language.name) {
                chain.push(language.clone());
            }
        }
        Texts { plain: self.plain.clone(), chain }
    }
}

impl Texts {
    /// BCP 47, as the `lang` attribute wants it.
    pub fn language(&self) -> &str {
        &self.chain[0].name
    }

    /// `ltr` or `rtl`, as the `dir` attribute wants it.
    pub fn direction(&self) -> &'static str {
        direction::of(self.language())
    }

    /// The message `id`. Arguments that read from right to left are isolated from what surrounds them.
    pub fn say(&self, id: &str, args: &[(&str, Arg<'_>)]) -> String {
        let mut fluent = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            fluent.set(*name, arg.fluent());
        }
        let said = self.chain.iter().find_map(|language| language.say(id, &fluent));
        debug_assert!(said.is_some(), "there is no text `{id}`, or it lacks an argument");
        said.unwrap_or_else(|| id.to_owned())
    }

    /// Every message that takes no arguments, as templates name it: with `_` for `-`.
    pub fn words(&self) -> BTreeMap<String, String> {
        self.plain.iter().map(|id| (id.replace('-', "_"), self.word(id))).collect()
    }

    /// `A, B y C`: as the language joins them, `e` before `Ibérica` and all.
    pub fn list<S: AsRef<str>>(&self, items: &[S]) -> String {
        let items = items.iter().map(|item| isolated(item.as_ref()));
        let locale = cldr::locale(cldr::default_locale(self.language())).unwrap_or(Locale::UNKNOWN);
        let options = ListFormatterOptions::default().with_length(ListLength::Wide);
        ListFormatter::try_new_and((&locale).into(), options).map_or_else(
            |_| items.clone().collect::<Vec<_>>().join(", "),
            |list| list.format(items.clone()).to_string(),
        )
    }

    /// `A, B, C`: parts of a sum, counts, anything that is not a sentence.
    pub fn commas<S: AsRef<str>>(&self, items: &[S]) -> String {
        let comma = match self.language() {
            "ja" | "zh" => "、",
            "ar" | "fa" | "ur" => "، ",
            _ => ", ",
        };
        items.iter().map(|item| isolated(item.as_ref())).collect::<Vec<_>>().join(comma)
    }

    /// A message without arguments.
    pub fn word(&self, id: &str) -> String {
        self.say(id, &[])
    }
}

impl Language {
    fn new(name: &str, sources: &[Source], contract: &Contract) -> Result<Language, TextsError> {
        let tag: LanguageIdentifier = name.parse().map_err(|_| sources[0].no_language(name))?;
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(arg::print));
        plural::add_functions(&mut bundle, name);
        for source in sources {
            let resource = source.parse()?;
            contract.check(&resource).map_err(|(id, why)| source.at_message(&id, why))?;
            bundle.add_resource_overriding(source.compile(resource)?);
        }
        Ok(Language { name: name.to_owned(), bundle })
    }

    /// None when it has no such message, or not with these arguments.
    fn say(&self, id: &str, args: &FluentArgs) -> Option<String> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let said = self.bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        debug_assert!(errors.is_empty(), "text `{id}` in `{}`: {errors:?}", self.name);
        errors.is_empty().then_some(said)
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Language").field("name", &self.name).finish_non_exhaustive()
    }
}

/// One file.
struct Source {
    path: PathBuf,
    text: String,
}

/// The files of `folder` with their languages.
fn own(folder: Option<&Path>) -> Result<Vec<(String, Source)>, TextsError> {
    let Some(folder) = folder.map(|folder| folder.join("texts")).filter(|folder| folder.is_dir()) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(unread(&folder))? {
        let path = entry.map_err(unread(&folder))?.path();
        if path.extension().is_none_or(|extension| extension != "ftl") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let source = Source { text: std::fs::read_to_string(&path).map_err(unread(&path))?, path };
        if !crate::text::is_language(&name) {
            return Err(source.no_language(&name));
        }
        found.push((name, source));
    }
    Ok(found)
}

fn unread(path: &Path) -> impl Fn(std::io::Error) -> TextsError {
    move |why| TextsError::Read { path: path.to_owned(), why }
}

impl Source {
    fn no_language(&self, name: &str) -> TextsError {
        TextsError::Language { path: self.path.clone(), name: name.to_owned() }
    }

    fn parse(&self) -> Result<ast::Resource<&str>, TextsError> {
        fluent_syntax::parser::parse(self.text.as_str()).map_err(|(_, errors)| {
            let error = errors.first().expect("the parser says why");
            self.at(error.pos.start, error.to_string())
        })
    }

    /// With plurals chosen by our own rules.
    fn compile(&self, resource: ast::Resource<&str>) -> Result<FluentResource, TextsError> {
        let text = fluent_syntax::serializer::serialize(&plural::chosen(resource));
        FluentResource::try_new(text)
            .map_err(|(_, errors)| self.at(0, errors.first().map(ToString::to_string).unwrap_or_default()))
    }

    fn at(&self, byte: usize, why: String) -> TextsError {
        let line = 1 + self.text[..self.text.floor_char_boundary(byte)].matches('\n').count();
        TextsError::Message { path: self.path.clone(), line, why }
    }

    fn at_message(&self, id: &str, why: String) -> TextsError {
        let begins = |line: &str| line.strip_prefix(id).is_some_and(|rest| rest.trim_start().starts_with('='));
        let line = self.text.lines().position(begins).map_or(1, |line| line + 1);
        TextsError::Message { path: self.path.clone(), line, why }
    }
}

//! What can be said of a thing, one fact a line, and the comparison of two such sheets.

use super::url;
use crate::secret::Secret;
use crate::text::{Name, Text, harmless};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What a fact decides, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bears {
    /// How the thing reads, who gets it, when.
    Words,
    /// Whether a number is good.
    Verdict,
    /// The number itself.
    Number,
}

/// One fact about a thing. Not to be printed: what it means may hold a secret.
pub(super) struct Fact {
    what: &'static str,
    item: Option<String>,
    shown: String,
    means: Means,
    bears: Bears,
}

/// What is compared.
enum Means {
    Text(String),
    /// A URL, which must not be seen.
    Secret(Secret),
    /// Of two of them only what both have is compared: what is new or gone moves nothing.
    Order(Vec<Name>),
}

/// A fact that is different. One that is only there now has no `old`, one that is gone no `new`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What the fact is about, in the words of the YAML: `formula`, `target`, `reader`.
    pub what: &'static str,
    /// Which of several: a language, a day, an address.
    pub item: Option<String>,
    pub old: Option<String>,
    pub new: Option<String>,
    pub bears: Bears,
}

impl Field {
    /// `target`, `name (es)`
    pub fn label(&self) -> String {
        self.item.as_ref().map_or_else(|| self.what.to_owned(), |item| format!("{} ({item})", self.what))
    }
}

/// What a fact is about: of two sections with the same title the second is not the first.
type Key<'a> = (&'static str, Option<&'a str>, usize);

/// All there is to say of a thing.
#[derive(Default)]
pub(super) struct Sheet(Vec<Fact>);

impl Sheet {
    /// What is read by people: it is compared as it is shown.
    pub fn add(&mut self, what: &'static str, shown: impl ToString) -> &mut Fact {
        self.item(what, None, shown)
    }

    /// The same if there is anything.
    pub fn maybe(&mut self, what: &'static str, shown: Option<impl ToString>) {
        if let Some(shown) = shown {
            self.add(what, shown);
        }
    }

    /// One of several facts of a kind.
    pub fn item(&mut self, what: &'static str, item: Option<&str>, shown: impl ToString) -> &mut Fact {
        let shown = shown.to_string();
        let item = item.map(str::to_owned);
        self.0.push(Fact { what, item, means: Means::Text(shown.clone()), shown, bears: Bears::Words });
        self.0.last_mut().expect("it was just put there")
    }

    /// Every fact, told from those before it.
    fn numbered(&self) -> Vec<(Key<'_>, &Fact)> {
        let mut seen: BTreeMap<_, usize> = BTreeMap::new();
        let mut all = Vec::with_capacity(self.0.len());
        for fact in &self.0 {
            let (what, item) = (fact.what, fact.item.as_deref());
            let count = seen.entry((what, item)).or_default();
            all.push(((what, item, *count), fact));
            *count += 1;
        }
        all
    }

    /// A text in each of its languages.
    pub fn text(&mut self, what: &'static str, text: Option<&Text>) {
        match text {
            None => {}
            Some(Text::Same(text)) => {
                self.add(what, text);
            }
            Some(Text::ByLanguage(texts)) => {
                for (language, text) in texts {
                    self.item(what, Some(language), text);
                }
            }
        }
    }
}

impl Fact {
    pub fn means(&mut self, means: impl ToString) -> &mut Fact {
        self.means = Means::Text(means.to_string());
        self
    }

    /// A URL that is compared and must not be seen.
    pub fn secretly(&mut self, url: &Secret) -> &mut Fact {
        self.means = Means::Secret(url.clone());
        self
    }

    /// What is compared as an order of names.
    pub fn orders(&mut self, names: Vec<Name>) {
        self.means = Means::Order(names);
    }

    pub fn bears(&mut self, bears: Bears) {
        self.bears = bears;
    }

    /// As it may be shown anywhere; the lines of a longer text stay lines.
    fn said(&self) -> String {
        self.shown.trim_end().lines().map(|line| harmless(Cow::Borrowed(line))).collect::<Vec<_>>().join("\n")
    }
}

impl Means {
    fn is(&self, other: &Means) -> bool {
        match (self, other) {
            (Means::Text(a), Means::Text(b)) => a == b,
            (Means::Secret(a), Means::Secret(b)) => a.expose() == b.expose(),
            (Means::Order(a), Means::Order(b)) => {
                a.iter().filter(|name| b.contains(name)).eq(b.iter().filter(|name| a.contains(name)))
            }
            _ => false,
        }
    }

    fn is_order(&self) -> bool {
        matches!(self, Means::Order(_))
    }
}

/// What is different: in the order of `new`, what is gone last.
pub(super) fn compare(old: &Sheet, new: &Sheet) -> Vec<Field> {
    let (old, new) = (old.numbered(), new.numbered());
    let before: BTreeMap<&Key, &Fact> = old.iter().map(|(key, fact)| (key, *fact)).collect();
    let after: BTreeSet<&Key> = new.iter().map(|(key, _)| key).collect();
    let other = |(key, fact): &(Key, &Fact)| match before.get(key) {
        Some(before) if before.means.is(&fact.means) => None,
        None if fact.means.is_order() => None,
        before => Some(field(before.copied(), Some(fact))),
    };
    let gone = old.iter().filter(|(key, fact)| !after.contains(key) && !fact.means.is_order());
    let gone = gone.map(|(_, fact)| field(Some(fact), None));
    new.iter().filter_map(other).chain(gone).collect()
}

/// Neither of the two may be there, but one is.
fn field(old: Option<&Fact>, new: Option<&Fact>) -> Field {
    let fact = new.or(old).expect("a field has a side");
    let (mut before, mut after) = (old.map(Fact::said), new.map(Fact::said));
    let mut bears = old.into_iter().chain(new).map(|fact| fact.bears).max().unwrap_or(Bears::Words);
    if before == after {
        // Rounded for reading they are the same, or they differ in what is not shown.
        match (old.map(|old| &old.means), new.map(|new| &new.means)) {
            (Some(Means::Text(old)), Some(Means::Text(new))) => {
                (before, after) = (Some(old.clone()), Some(new.clone()));
            }
            (Some(Means::Secret(old)), Some(Means::Secret(new))) => {
                // Another user may see other rows, and a parameter lead elsewhere; a password does neither.
                let is_password = url::differ_in_password(old, new);
                let other = if is_password { "password" } else { "login or parameter" };
                bears = if is_password { Bears::Words } else { bears };
                after = after.map(|shown| format!("{shown}, with another {other}"));
            }
            _ => {}
        }
    }
    let item = fact.item.as_ref().map(|item| harmless(Cow::Borrowed(item)));
    Field { what: fact.what, item, old: before, new: after, bears }
}

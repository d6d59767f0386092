//! What may stand in the YAML, as data: the keys of every kind of thing, and the form of each value.
//!
//! One declaration, two readers: the functions of `resolve` take from it which keys there are, which must be there and which words are
//! choices, and `schema` makes of it what an editor completes, explains and underlines. A [`Form`] takes in all that the function
//! takes which reads the key, and no more than can be told without looking elsewhere: whether a name exists, whether a formula can be
//! computed and whether two keys go together is for `kpid check` to say.

use std::ops::RangeInclusive;

/// The keys of one kind of thing.
pub(super) struct Table {
    /// With its article: "a database".
    pub what: &'static str,
    pub keys: &'static [Key],
}

pub(super) struct Key {
    pub name: &'static str,
    /// What it is for, with its default.
    pub doc: &'static str,
    pub form: Form,
    /// Nothing can be made of the thing without it.
    pub required: bool,
    /// Values to begin with, as the YAML writes them.
    pub examples: &'static [&'static str],
    /// Whether `${…}` is replaced in its values.
    pub placeholders: bool,
}

/// A word and what it means.
pub(super) type Word = (&'static str, &'static str);

/// A word, the value it stands for, and what it means.
pub(super) type Choice<T> = (&'static str, T, &'static str);

pub(super) enum Form {
    /// Any scalar is text.
    Text,
    /// What readers see: one text, or one per language.
    Texts,
    /// A name that stands here for the first time: letters, digits and `_`.
    NewName,
    /// The name of something declared elsewhere.
    Name(Named),
    Formula,
    Number,
    /// A number, or a percentage.
    Amount,
    Whole(RangeInclusive<u32>),
    Switch,
    Words(&'static [Word]),
    Pattern(&'static Pattern),
    /// A value of a dimension: any scalar, and `null`.
    Segment,
    List(&'static Form),
    /// A lower and an upper end.
    Band(&'static Form),
    /// Keys, values.
    Map(&'static Form, &'static Form),
    /// Name → thing; may be empty.
    Section(&'static Form, &'static Snippet),
    OneOf(&'static [Form]),
    Table(&'static Table),
}

/// What a name can be the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    Database,
    Source,
    Kpi,
    /// Or an address.
    Person,
    /// A person, a group or an address.
    Recipient,
    Dimension,
    /// A measure or a dimension.
    Column,
    /// `source.measure`, or a KPI.
    Input,
    Language,
}

/// A thing to begin with, for an editor to insert.
pub(super) struct Snippet {
    /// "a new KPI"
    pub what: &'static str,
    /// Its name and itself in YAML; `${1:…}` and `${2|…,…|}` are places to fill in.
    pub body: &'static str,
}

/// A text of a form of its own.
pub(super) struct Pattern {
    /// How it is written: "a duration: `36h`".
    pub doc: &'static str,
    /// A regular expression of ECMA-262 that matches somewhere in every such text.
    pub regex: &'static str,
}

/// A key that may be left out.
pub(super) const fn key(name: &'static str, doc: &'static str, form: Form) -> Key {
    Key { name, doc, form, required: false, examples: &[], placeholders: false }
}

/// A key that must be there.
pub(super) const fn required(name: &'static str, doc: &'static str, form: Form) -> Key {
    Key { name, doc, form, required: true, examples: &[], placeholders: false }
}

impl Key {
    pub const fn examples(mut self, examples: &'static [&'static str]) -> Key {
        self.examples = examples;
        self
    }

    pub const fn placeholders(mut self) -> Key {
        self.placeholders = true;
        self
    }
}

impl Table {
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name)
    }
}

/// The words of a list of choices, for a [`Form::Words`].
pub(super) const fn words<T, const N: usize>(choices: &[Choice<T>; N]) -> [Word; N] {
    let mut words = [("", ""); N];
    let mut at = 0;
    while at < N {
        words[at] = (choices[at].0, choices[at].2);
        at += 1;
    }
    words
}

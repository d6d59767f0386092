//! YAML text → a tree of [`Node`]s.
//!
//! Only the parser beneath serde-saphyr is used. Its serde face stops at the first problem of a file and gives no place for keys.
//! Tags, second documents, keys that aren't text and everything beyond the budgets are refused here.

mod syntax;

use super::context::{Context, Place, Problem};
use super::node::{Entry, Node, Style, Value};
use super::snippet::File;
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span, StrInput, options};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// Values of one file after aliases are expanded; 500 KPIs written out in full are about 25,000.
const MAX_NODES: usize = 100_000;
/// Levels of nesting.
const MAX_DEPTH: usize = 64;

/// Reads one file. `None` when it is empty or not YAML; the latter is reported.
pub(super) fn parse(cx: &Context, file: u32) -> Option<Rc<Node>> {
    let (tree, whole) = read(cx, file);
    if whole {
        return tree.root;
    }
    cx.broken(file);
    None
}

/// The same, but of a file that stops being YAML somewhere what stands before that.
pub(super) fn parse_what_is_there(cx: &Context, file: u32) -> Option<Rc<Node>> {
    let (mut tree, _) = read(cx, file);
    while !tree.open.is_empty() && tree.closed(cx.text(file).len()).is_ok() {}
    tree.root
}

/// What a text of our own says, as JSON: `{ n: 1, of: [a, "2"] }`.
pub(super) fn json(text: &str) -> serde_json::Value {
    let file = Arc::new(File::new(String::new(), text.to_owned()));
    let cx = Context::new(String::new(), vec![file], BTreeSet::new(), &|_| None, Vec::new());
    as_json(&parse(&cx, 0).expect("our own texts are YAML"))
}

fn as_json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::List(items) => items.iter().map(|item| as_json(item)).collect(),
        Value::Map(entries) => entries.iter().map(|entry| (entry.key.to_string(), as_json(&entry.node))).collect(),
        Value::Scalar { text, style: Style::Plain } => match serde_json::from_str(text) {
            Ok(plain @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_))) => plain,
            _ => text.as_str().into(),
        },
        Value::Scalar { text, .. } => text.as_str().into(),
        Value::Unknown => serde_json::Value::Null,
    }
}

/// The tree, and whether the file was read to its end.
fn read<'a>(cx: &'a Context<'a>, file: u32) -> (Tree<'a>, bool) {
    let mut tree = Tree { cx, file, open: Vec::new(), anchors: HashMap::new(), root: None, nodes: 0 };
    for event in events(cx.text(file)) {
        let goes_on = match event {
            Ok((event, span)) => tree.take(event, span),
            Err(error) => Err(tree.stop(syntax::error(cx, file, &error))),
        };
        if goes_on.is_err() {
            return (tree, false);
        }
    }
    (tree, true)
}

/// What the parser makes of a text, up to the first error.
fn events(text: &str) -> Parser<'_, StrInput<'_>> {
    let options = options! {
        flow_nesting_limit: MAX_DEPTH, block_nesting_limit: MAX_DEPTH,
        emit_unresolved_aliases: true, emit_comments: false, simple_key_max_lookahead: 1024,
    };
    Parser::new_from_str_with_options(text, options)
}

/// The bytes of every scalar of a text, up to where it is no YAML any more: what looks like a comment there is none.
pub(super) fn scalars(text: &str) -> Vec<Range<usize>> {
    let scalar = |(event, span): (Event, Span)| match event {
        Event::Scalar(..) => span.byte_range(),
        _ => None,
    };
    events(text).map_while(Result::ok).filter_map(scalar).collect()
}

/// The rest of the file can't be read; why has been reported.
struct Stop;

/// What is open while events come in.
struct Tree<'a> {
    cx: &'a Context<'a>,
    file: u32,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    root: Option<Rc<Node>>,
    nodes: usize,
}

struct Open {
    start: usize,
    anchor: usize,
    /// Of a key that is itself a list or map: read to its end, then dropped.
    kind: OpenKind,
    size: usize,
}

enum OpenKind {
    List(Vec<Rc<Node>>),
    Map { entries: Vec<Entry>, key: Option<Key> },
}

enum Key {
    Text(Rc<str>, Place),
    /// Not text; already reported, its value is dropped.
    Refused,
}

impl Tree<'_> {
    /// Takes one event.
    ///
    /// # Errors
    /// What makes the rest of the file unreadable.
    fn take(&mut self, event: Event, span: Span) -> Result<(), Stop> {
        let bytes = self.bytes(&span);
        if event.tag().is_some() {
            let problem = self.error("yaml-tag", bytes.clone(), "YAML tags (`!…`) are not allowed");
            self.cx.report(problem.help("remove the tag; put a text that begins with `!` in quotes"));
        }
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let value = Value::Scalar { text: text.into_owned(), style: Style::from(style) };
                self.finished(anchor, Node { place: self.place(bytes), value, size: 1 })
            }
            Event::SequenceStart(_, anchor, _) => self.opened(bytes.start, anchor, OpenKind::List(Vec::new())),
            Event::MappingStart(_, anchor, _) => {
                self.opened(bytes.start, anchor, OpenKind::Map { entries: Vec::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.closed(bytes.end),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => self.attach(Rc::clone(node), self.place(bytes)),
                None => Err(self.stop(self.error("yaml-syntax", bytes, "an alias can't stand inside what it names"))),
            },
            Event::UnresolvedAlias(name) => {
                let problem = self.error("yaml-syntax", bytes, format!("no anchor `&{name}` before this alias"));
                Err(self.stop(problem.help("put text that begins with `*` in quotes")))
            }
            Event::DocumentStart(..) if self.root.is_some() => {
                let problem = self.error("yaml-document", bytes, "a second YAML document begins here");
                Err(self.stop(problem.help("remove the `---`, or put the rest into a file of its own")))
            }
            _ => Ok(()),
        }
    }

    fn opened(&mut self, start: usize, anchor: usize, kind: OpenKind) -> Result<(), Stop> {
        if self.open.len() == MAX_DEPTH {
            return Err(self.stop(self.error("yaml-budget", start..start, too_deep())));
        }
        self.open.push(Open { start, anchor, kind, size: 1 });
        Ok(())
    }

    fn closed(&mut self, end: usize) -> Result<(), Stop> {
        let open = self.open.pop().expect("the parser closes only what it opened");
        // A block ends where the next thing begins: the span stops at its last character.
        let end = open.start + self.cx.text(self.file)[open.start..end].trim_end().len();
        let place = self.place(open.start..end);
        let value = match open.kind {
            OpenKind::List(items) => Value::List(items),
            OpenKind::Map { entries, .. } => Value::Map(self.merged(entries)),
        };
        self.finished(open.anchor, Node { place, value, size: open.size })
    }

    fn finished(&mut self, anchor: usize, node: Node) -> Result<(), Stop> {
        let place = node.place;
        let node = Rc::new(node);
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.attach(node, place)
    }

    /// Puts a finished node (or what an alias at `place` names) into what is open.
    fn attach(&mut self, node: Rc<Node>, place: Place) -> Result<(), Stop> {
        // Aliases count in full: readers walk them in full, and that is what a bomb lives on.
        self.nodes = self.nodes.saturating_add(if place == node.place { 1 } else { node.size });
        if self.nodes > MAX_NODES {
            let message = format!("more than {MAX_NODES} values in one file, those behind an alias counted each time");
            return Err(self.stop(Problem::error("yaml-budget", place, message)));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.size = open.size.saturating_add(node.size);
        match &mut open.kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Map { entries, key } => match key.take() {
                Some(Key::Text(key, at)) => entries.push(Entry { key, at, node }),
                Some(Key::Refused) => {}
                None => *key = Some(read_key(self.cx, &node, place)),
            },
        }
        Ok(())
    }

    /// Without duplicates, and with what `<<` brings in; keys written out win.
    fn merged(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut first: HashMap<Rc<str>, Place> = HashMap::with_capacity(entries.len());
        let (merges, mut entries): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| &*e.key == "<<");
        entries.retain(|entry| match first.get(&entry.key) {
            None => {
                first.insert(Rc::clone(&entry.key), entry.at);
                true
            }
            Some(before) => {
                let problem = Problem::error("duplicate-key", entry.at, format!("duplicate key `{}`", entry.key));
                let help = match entry.node.value {
                    Value::Map(_) => "keep one of the two, with the entries of both",
                    _ => "keep one of the two",
                };
                self.cx.report(problem.also(*before, "first written here").help(help));
                false
            }
        });
        for merge in merges {
            for entry in merge_sources(self.cx, &merge).iter().flat_map(|source| source.iter()) {
                if !first.contains_key(&entry.key) {
                    first.insert(Rc::clone(&entry.key), entry.at);
                    entries.push(entry.clone());
                }
            }
        }
        entries
    }

    fn stop(&self, problem: Problem) -> Stop {
        self.cx.report(problem);
        Stop
    }

    fn bytes(&self, span: &Span) -> Range<usize> {
        span.byte_range().expect("a parser over a string knows byte offsets")
    }

    fn place(&self, bytes: Range<usize>) -> Place {
        Place::new(self.file, bytes)
    }

    fn error(&self, code: &'static str, bytes: Range<usize>, message: impl Into<String>) -> Problem {
        Problem::error(code, self.place(bytes), message)
    }
}

fn read_key(cx: &Context, node: &Node, place: Place) -> Key {
    match &node.value {
        // A segment may have no name; where names are wanted, `null` is refused as one.
        Value::Scalar { text, .. } if !node.is_null() || text == "null" => Key::Text(text.as_str().into(), place),
        _ => {
            cx.report(Problem::error("yaml-key", place, "a key must be a name"));
            Key::Refused
        }
    }
}

/// The maps that one `<<:` names.
fn merge_sources<'n>(cx: &Context, merge: &'n Entry) -> Vec<&'n [Entry]> {
    let one = |node: &'n Node| match &node.value {
        Value::Map(entries) => Some(entries.as_slice()),
        _ => {
            cx.report(Problem::error("wrong-type", merge.at, "`<<` takes a mapping, or a list of them"));
            None
        }
    };
    match &merge.node.value {
        Value::List(items) => items.iter().filter_map(|item| one(item)).collect(),
        _ => one(&merge.node).into_iter().collect(),
    }
}

impl From<ScalarStyle> for Style {
    fn from(style: ScalarStyle) -> Self {
        match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        }
    }
}

fn too_deep() -> String {
    format!("nested more than {MAX_DEPTH} levels deep")
}

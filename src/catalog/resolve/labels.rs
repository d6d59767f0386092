//! `labels:` of a source: what readers see for its measures and dimensions.

use super::sources::Shape;
use super::texts::Texts;
use crate::catalog::context::{Context, Unknown};
use crate::catalog::fields::{list, map};
use crate::catalog::node::Node;
use crate::text::{Name, Text};
use std::collections::BTreeMap;

/// `None` after reporting that this is no mapping. A name that `source` doesn't have is reported, unless its columns could not be read.
pub(super) fn read(
    cx: &Context,
    node: &Node,
    source: &str,
    shape: &Shape,
    texts: &Texts,
) -> Option<BTreeMap<Name, Text>> {
    let known = shape.measures.as_ref().zip(shape.dimensions.as_ref());
    let mut labels = BTreeMap::new();
    for entry in map(cx, node, "labels")? {
        let label = texts.line(cx, &entry.node);
        if let Some((measures, dimensions)) = known {
            let names = || measures.iter().chain(dimensions).map(|name| &**name);
            if !names().any(|name| *name == *entry.key) {
                let help = Some(format!("`{source}` has {}", list(names())));
                let what = "measure or dimension";
                cx.unknown(Unknown { what, name: &entry.key, of: Some(source), place: entry.at, help }, names());
                continue;
            }
        }
        labels.extend(label.map(|label| (Name::from(&*entry.key), label)));
    }
    Some(labels)
}

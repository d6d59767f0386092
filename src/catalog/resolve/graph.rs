//! KPIs that name KPIs: circles, depth, and which sources a KPI reads through others.

use super::kpis::Draft;
use super::names::Written;
use super::sections::Section;
use super::sources::{Shape, Shapes};
use crate::catalog::context::{Context, Place, Problem, Unknown};
use crate::catalog::fields::list;
use crate::formula::{Leaf, Reference};
use crate::text::Name;
use std::collections::BTreeSet;

/// How deep KPIs may stand on one another: whoever computes them does so by recursion.
const MAX_DEPTH: usize = 64;

/// Reports circles and chains that are too deep; then, if there are none, filters that a source can't follow.
pub(super) fn check(cx: &Context, section: &Section, shapes: &Shapes, drafts: &[Draft]) {
    let graph = Graph { cx, section, drafts };
    let Some(order) = graph.children_first() else { return };
    let mut depth = vec![0_usize; drafts.len()];
    let mut reads: Vec<BTreeSet<Name>> = vec![BTreeSet::new(); drafts.len()];
    for at in order {
        depth[at] = graph.edges(at).iter().map(|(child, _)| depth[*child] + 1).max().unwrap_or_default();
        if depth[at] == MAX_DEPTH {
            let message = format!("`{}` stands on {MAX_DEPTH} KPIs, one on top of the other", drafts[at].name);
            cx.report(
                Problem::error("too-deep", drafts[at].at, message).help("write part of it with sources directly"),
            );
        }
        // With what stands in `total()`: that goes back to the filter of whoever names this KPI.
        let leaves = drafts[at].formula.iter().flat_map(|written| written.formula.leaves());
        reads[at] = leaves.flat_map(|leaf| graph.read_by_leaf(leaf, &reads)).collect();
    }
    for draft in drafts {
        Segments { graph: &graph, shapes, reads: &reads, draft }.check();
    }
}

struct Graph<'a> {
    cx: &'a Context<'a>,
    section: &'a Section,
    drafts: &'a [Draft<'a>],
}

impl Graph<'_> {
    /// The KPIs that a KPI's formula names. Its target and sample aren't looked at: they are judged after it is computed.
    fn edges(&self, at: usize) -> Vec<(usize, &Leaf)> {
        let leaves = self.drafts[at].formula.iter().flat_map(|written| written.formula.leaves());
        leaves.filter_map(|leaf| Some((self.kpi(leaf)?, leaf))).collect()
    }

    fn kpi(&self, leaf: &Leaf) -> Option<usize> {
        match &leaf.reference {
            Reference::Kpi(name) => self.section.position(name),
            Reference::Measure { .. } => None,
        }
    }

    /// The sources a formula reads with its KPI's filter on: what stands in `total()` is read without.
    fn read_by(&self, written: &Written, reads: &[BTreeSet<Name>]) -> Vec<Name> {
        let filtered = written.formula.leaves().iter().filter(|leaf| !leaf.shift.total);
        filtered.flat_map(|leaf| self.read_by_leaf(leaf, reads)).collect()
    }

    fn read_by_leaf(&self, leaf: &Leaf, reads: &[BTreeSet<Name>]) -> Vec<Name> {
        match &leaf.reference {
            Reference::Measure { source, .. } => vec![source.clone()],
            Reference::Kpi(_) => self.kpi(leaf).map_or(Vec::new(), |at| reads[at].iter().cloned().collect()),
        }
    }

    /// Every KPI after those it names; `None` when there is a circle, which is reported. Its own stack, not the thread's: chains
    /// are as long as the YAML makes them.
    fn children_first(&self) -> Option<Vec<usize>> {
        let mut order = Vec::with_capacity(self.drafts.len());
        let mut state = vec![State::New; self.drafts.len()];
        let mut circles = false;
        for start in 0..self.drafts.len() {
            if state[start] != State::New {
                continue;
            }
            state[start] = State::Open;
            let mut path = vec![(start, self.edges(start), 0)];
            while let Some((at, edges, next)) = path.last_mut() {
                let Some((child, leaf)) = edges.get(*next).copied() else {
                    state[*at] = State::Done;
                    order.push(*at);
                    path.pop();
                    continue;
                };
                *next += 1;
                match state[child] {
                    State::New => {
                        state[child] = State::Open;
                        path.push((child, self.edges(child), 0));
                    }
                    State::Open => {
                        circles = true;
                        let circle: Vec<usize> =
                            path.iter().map(|(at, ..)| *at).skip_while(|at| *at != child).collect();
                        self.report_circle(&circle, leaf);
                    }
                    State::Done => {}
                }
            }
        }
        (!circles).then_some(order)
    }

    /// `leaf` closes the circle: it stands in the last KPI and names the first.
    fn report_circle(&self, circle: &[usize], leaf: &Leaf) {
        let names: Vec<&str> = circle.iter().chain(&circle[..1]).map(|at| &*self.drafts[*at].name).collect();
        let last = &self.drafts[circle[circle.len() - 1]];
        let place = last.formula.as_ref().map_or(last.at, |written| written.place(self.cx, leaf));
        let message = format!("KPIs name each other in a circle: {}", names.join(" → "));
        let help =
            "`previous()` and `year_ago()` don't end a circle: each period would need the one before, without end";
        let problem = Problem::error("circle", place, message);
        let shifted = leaf.shift.previous > 0 || leaf.shift.year_ago > 0;
        self.cx.report(problem.maybe_help(shifted.then(|| help.to_owned())));
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

/// Whether the sources of one KPI have the dimensions of its `where` and `breakdown`.
struct Segments<'a> {
    graph: &'a Graph<'a>,
    shapes: &'a Shapes,
    reads: &'a [BTreeSet<Name>],
    draft: &'a Draft<'a>,
}

impl Segments<'_> {
    fn check(&self) {
        let filters = self.draft.filters.iter().map(|filter| (filter, "`where`"));
        for (dimension, key) in filters.chain(self.draft.breakdown.iter().map(|breakdown| (breakdown, "`breakdown`"))) {
            // The whole's target is not a segment's, so a breakdown doesn't reach it.
            let target = self.draft.target_formula.as_ref().filter(|_| key == "`where`");
            let formulas: Vec<&Written> =
                [&self.draft.formula, &self.draft.sample].into_iter().flatten().chain(target).collect();
            if let [own, ..] = formulas.as_slice()
                && self.nobody_has(own, &dimension.0)
            {
                self.report_unknown(own, dimension);
                continue;
            }
            formulas.iter().for_each(|written| self.check_leaves(written, dimension, key));
        }
    }

    fn lacks(&self, source: &Name, dimension: &Name) -> bool {
        let known = self.shapes.get(source).and_then(|shape: &Shape| shape.dimensions.as_ref());
        known.is_some_and(|dimensions| !dimensions.contains(dimension))
    }

    fn nobody_has(&self, written: &Written, dimension: &Name) -> bool {
        let sources = self.graph.read_by(written, self.reads);
        !sources.is_empty() && sources.iter().all(|source| self.lacks(source, dimension))
    }

    fn report_unknown(&self, written: &Written, (dimension, place): &(Name, Place)) {
        let sources = self.graph.read_by(written, self.reads);
        let mut known: Vec<&Name> =
            sources.iter().filter_map(|source| self.shapes.get(source)?.dimensions.as_ref()).flatten().collect();
        known.sort_unstable();
        known.dedup();
        let help = match known.is_empty() {
            true => "its sources have no dimensions".to_owned(),
            false => format!("its sources have {}", list(known.iter().map(|name| &***name))),
        };
        let owner = Some(&*self.draft.name);
        let unknown = Unknown { what: "dimension", name: dimension, of: owner, place: *place, help: Some(help) };
        self.graph.cx.unknown(unknown, known.iter().map(|name| &***name));
    }

    fn check_leaves(&self, written: &Written, (dimension, place): &(Name, Place), key: &str) {
        for leaf in written.formula.leaves().iter().filter(|leaf| !leaf.shift.total) {
            let sources = self.graph.read_by_leaf(leaf, self.reads);
            let Some(source) = sources.iter().find(|source| self.lacks(source, dimension)) else { continue };
            let message = match &leaf.reference {
                Reference::Measure { .. } => format!("source `{source}` has no dimension `{dimension}`"),
                Reference::Kpi(kpi) => format!("`{kpi}` reads source `{source}`, which has no dimension `{dimension}`"),
            };
            let problem = Problem::error("lacks-dimension", written.place(self.graph.cx, leaf), message);
            let help = format!("add it to the source, or write `total({})` to read it whole", leaf.reference);
            self.graph.cx.report(problem.also(*place, format!("{key} asks for it here")).help(help));
        }
    }
}

//! Where numbers come from, as a graph: source → KPI → KPI → report; and its picture.
//!
//! Columns from left to right: sources, then KPIs by how many KPIs stand between them and data, then reports. Within a column
//! things stand near what they are joined to (the barycentre method; Sugiyama, Tagawa and Toda 1981). The picture is SVG with
//! text and links, coloured by the page's style; it is the same for the same catalogue.

use super::Catalogue;
use crate::formula::Reference;
use crate::measure::{Goal, Kpi};
use crate::text::{Name, escaped};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

/// A thing that has a page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Thing {
    Source(Name),
    Kpi(Name),
    Report(Name),
}

/// Which things are made from which. A circle would have kept the catalogue from loading.
#[derive(Debug)]
pub(super) struct Lineage {
    things: Vec<Thing>,
    /// From what is used to who uses it, each once.
    edges: Vec<(usize, usize)>,
    /// Of each thing: 0 for sources.
    columns: Vec<usize>,
    index: HashMap<Thing, usize>,
}

impl Thing {
    /// The address of its page from the site's root.
    pub fn page(&self) -> String {
        match self {
            Thing::Source(name) => format!("source/{name}.html"),
            Thing::Kpi(name) => format!("kpi/{name}.html"),
            Thing::Report(name) => format!("report/{name}.html"),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Thing::Source(_) => "source",
            Thing::Kpi(_) => "kpi",
            Thing::Report(_) => "report",
        }
    }
}

/// The sources and KPIs that `kpi` is made from, judged by and sampled with, each once.
fn used_by(kpi: &Kpi) -> BTreeSet<Thing> {
    let goal = kpi.target.as_ref().and_then(|target| match &target.goal {
        Goal::Formula(formula) => Some(formula),
        Goal::Level(_) | Goal::Dated(_) => None,
    });
    let formulas = std::iter::once(&kpi.formula).chain(goal).chain(kpi.at_least.as_ref().map(|least| &least.of));
    let inputs = formulas.flat_map(|formula| formula.inputs());
    let thing = |reference: &Reference| match reference {
        Reference::Measure { source, .. } => Thing::Source(source.clone()),
        Reference::Kpi(name) => Thing::Kpi(name.clone()),
    };
    inputs.map(|input| thing(&input.reference)).filter(|thing| *thing != Thing::Kpi(kpi.id.clone())).collect()
}

impl Lineage {
    pub fn of(catalogue: &Catalogue) -> Lineage {
        let sources = catalogue.sources.keys().map(|name| Thing::Source(name.clone()));
        let kpis = catalogue.kpis.iter().map(|kpi| Thing::Kpi(kpi.id.clone()));
        let reports = catalogue.reports.keys().map(|name| Thing::Report(name.clone()));
        let things: Vec<Thing> = sources.chain(kpis).chain(reports).collect();
        let index: HashMap<Thing, usize> = things.iter().cloned().enumerate().map(|(at, thing)| (thing, at)).collect();
        let mut edges = Vec::new();
        for kpi in catalogue.kpis {
            let to = index[&Thing::Kpi(kpi.id.clone())];
            edges.extend(used_by(kpi).iter().map(|used| (index[used], to)));
        }
        for report in catalogue.reports.values() {
            let to = index[&Thing::Report(report.id.clone())];
            edges.extend(report.kpis().map(|kpi| (index[&Thing::Kpi(kpi.clone())], to)));
        }
        let columns = columns(&things, &edges);
        Lineage { things, edges, columns, index }
    }

    /// What `thing` is made from, and what is made from it: one step.
    pub fn neighbours(&self, thing: &Thing) -> (Vec<&Thing>, Vec<&Thing>) {
        let at = self.index[thing];
        let before = self.edges.iter().filter(|(_, to)| *to == at).map(|(from, _)| &self.things[*from]);
        let after = self.edges.iter().filter(|(from, _)| *from == at).map(|(_, to)| &self.things[*to]);
        (before.collect(), after.collect())
    }

    /// The picture of `thing` with all that leads to it and comes from it; of everything without one. `root` leads from the page
    /// to the site's root, `name` says what readers call a thing.
    pub fn picture(&self, thing: Option<&Thing>, root: &str, name: impl Fn(&Thing) -> String) -> String {
        let own = thing.map(|thing| self.index[thing]);
        let shown: Vec<usize> = match own {
            None => (0..self.things.len()).collect(),
            Some(own) => self.related(own),
        };
        let places = self.places(&shown);
        self.draw(own, &places, root, name)
    }

    /// What leads to `own`, itself, and what comes from it, ascending.
    fn related(&self, own: usize) -> Vec<usize> {
        let mut related = BTreeSet::from([own]);
        for forward in [false, true] {
            let mut waiting = vec![own];
            while let Some(at) = waiting.pop() {
                let step = |&(from, to): &(usize, usize)| match forward {
                    true => (from == at).then_some(to),
                    false => (to == at).then_some(from),
                };
                waiting.extend(self.edges.iter().filter_map(step).filter(|next| related.insert(*next)));
            }
        }
        related.into_iter().collect()
    }

    /// Where each thing shown stands; empty columns are left out.
    fn places(&self, shown: &[usize]) -> HashMap<usize, Spot> {
        let used: BTreeSet<usize> = shown.iter().map(|at| self.columns[*at]).collect();
        let mut columns: Vec<Vec<usize>> = used
            .iter()
            .map(|column| shown.iter().copied().filter(|at| self.columns[*at] == *column).collect())
            .collect();
        for sweep in 0..SWEEPS {
            let rows: HashMap<usize, f64> = columns
                .iter()
                .flat_map(|things| things.iter().enumerate().map(|(row, at)| (*at, row as f64 / things.len() as f64)))
                .collect();
            for things in &mut columns {
                let middle = |at: usize| self.middle(at, sweep % 2 == 0, &rows);
                things.sort_by(|a, b| middle(*a).total_cmp(&middle(*b)));
            }
        }
        // Short columns are spread over the height of the longest.
        let height = LINE * columns.iter().map(Vec::len).max().unwrap_or(0);
        let place = |(column, things): (usize, Vec<usize>)| {
            let step = height / things.len();
            let spot = move |row: usize| Spot { x: column * STEP + 1, y: row * step + step / 2 };
            things.into_iter().enumerate().map(move |(row, at)| (at, spot(row)))
        };
        columns.into_iter().enumerate().flat_map(place).collect()
    }

    /// Where a thing's neighbours of one side stand in the mean, from 0 at the top to 1; its own place without any.
    fn middle(&self, at: usize, before: bool, rows: &HashMap<usize, f64>) -> f64 {
        let other = |&(from, to): &(usize, usize)| match before {
            true => (to == at).then_some(from),
            false => (from == at).then_some(to),
        };
        let beside: Vec<f64> = self.edges.iter().filter_map(other).filter_map(|at| rows.get(&at).copied()).collect();
        match beside.len() {
            0 => rows[&at],
            count => beside.iter().sum::<f64>() / count as f64,
        }
    }

    fn draw(
        &self,
        own: Option<usize>,
        places: &HashMap<usize, Spot>,
        root: &str,
        name: impl Fn(&Thing) -> String,
    ) -> String {
        let width = places.values().map(|spot| spot.x + WIDTH + 1).max().unwrap_or(0);
        let height = places.values().map(|spot| spot.y + LINE / 2).max().unwrap_or(0);
        let mut svg = format!(
            "<svg class=\"lineage\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"group\">\n"
        );
        for (from, to) in &self.edges {
            let joined = [from, to].map(|at| format!("{root}{}", self.things[*at].page())).join(" ");
            let (Some(from), Some(to)) = (places.get(from), places.get(to)) else { continue };
            let (x1, x2, bend) = (from.x + WIDTH, to.x, (STEP - WIDTH) / 2);
            let (y1, y2, out, into) = (from.y, to.y, x1 + bend, x2 - bend);
            line(
                &mut svg,
                format_args!("<path data-joins=\"{joined}\" d=\"M{x1} {y1}C{out} {y1} {into} {y2} {x2} {y2}\"/>"),
            );
        }
        let mut order: Vec<(&usize, &Spot)> = places.iter().collect();
        order.sort_by_key(|(_, spot)| **spot);
        for (at, spot) in order {
            let thing = &self.things[*at];
            let own = if own == Some(*at) { " own" } else { "" };
            let (class, page, label) = (thing.class(), thing.page(), name(thing));
            let (full, short) = (escaped(&label), escaped(&shortened(&label)));
            let (x, y, text_x, text_y) = (spot.x, spot.y - HEIGHT / 2, spot.x + 10, spot.y + 4);
            line(
                &mut svg,
                format_args!(
                    "<a href=\"{root}{page}\" class=\"{class}{own}\"><title>{full}</title><rect x=\"{x}\" y=\"{y}\" \
                     width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\"/><text x=\"{text_x}\" y=\"{text_y}\">{short}</text></a>"
                ),
            );
        }
        svg + "</svg>"
    }
}

/// The left edge of a box and its middle, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    x: usize,
    y: usize,
}

/// How often rows are put in order; more changes nothing in catalogues of a hundred KPIs.
const SWEEPS: usize = 8;
/// Pixels from column to column, of a box, and from row to row.
const STEP: usize = 320;
const WIDTH: usize = 250;
const HEIGHT: usize = 28;
const LINE: usize = 38;
/// Characters of a name that surely fit into a box.
const FITS: usize = 32;

fn line(svg: &mut String, what: std::fmt::Arguments) {
    writeln!(svg, "{what}").expect("writing to a string does not fail");
}

fn columns(things: &[Thing], edges: &[(usize, usize)]) -> Vec<usize> {
    let mut columns: Vec<usize> = things.iter().map(|thing| usize::from(*thing.class() != *"source")).collect();
    // As often as the longest chain has steps.
    loop {
        let mut moved = false;
        for (from, to) in edges {
            if columns[*to] <= columns[*from] {
                columns[*to] = columns[*from] + 1;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    let last = columns.iter().copied().max().unwrap_or(0);
    let is_report = |at: usize| matches!(things[at], Thing::Report(_));
    columns.iter().enumerate().map(|(at, column)| if is_report(at) { last } else { *column }).collect()
}

fn shortened(label: &str) -> String {
    match label.char_indices().nth(FITS) {
        Some((end, _)) => format!("{}…", label[..end].trim_end()),
        None => label.to_owned(),
    }
}

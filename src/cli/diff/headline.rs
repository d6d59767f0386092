//! What a change comes to, in one line: "2 KPIs change, 1 report gets 1 new reader, the verdict of 1 KPI flips".

use super::{Diff, counted};
use crate::catalog::Kind;
use crate::change::{Change, Changes, How, Thing};

/// `nothing changes` when nothing does.
pub fn headline(diff: &Diff) -> String {
    let mut parts = kpis(&diff.changes);
    parts.extend(readers(&diff.changes));
    let rest = [Thing::Named(Kind::Person), Thing::Named(Kind::Group), Thing::Named(Kind::Source)];
    let rest = rest.into_iter().chain([Thing::Named(Kind::Database), Thing::Settings, Thing::Template]);
    parts.extend(rest.flat_map(|thing| told(&diff.changes, thing)));
    if let Some(effects) = &diff.effects {
        parts.extend(match effects.flips() {
            0 => None,
            1 => Some("the verdict of 1 KPI flips".to_owned()),
            many => Some(format!("verdicts of {many} KPIs flip")),
        });
    }
    if parts.is_empty() { "nothing changes".to_owned() } else { parts.join(", ") }
}

fn verb<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

fn kpis(changes: &Changes) -> Vec<String> {
    let mut parts = told(changes, Thing::Named(Kind::Kpi));
    let affected = changes.affected.len();
    if affected > 0 {
        let more = if parts.is_empty() { "" } else { "more " };
        parts.push(format!("{affected} {more}{} affected", verb(affected, "KPI is", "KPIs are")));
    }
    parts
}

/// `2 KPIs change`, `1 KPI is new`
fn told(changes: &Changes, thing: Thing) -> Vec<String> {
    let of = |how: How| changes.list.iter().filter(|change| change.thing == thing && change.how == how).count();
    let said = |how: How, one: &str, many: &str| {
        let count = of(how);
        (count > 0).then(|| format!("{} {}", things(thing, count), verb(count, one, many)))
    };
    if thing == Thing::Settings {
        return (of(How::Changed) > 0).then(|| "settings change".to_owned()).into_iter().collect();
    }
    let all = [
        said(How::Changed, "changes", "change"),
        said(How::Added, "is new", "are new"),
        said(How::Renamed, "is renamed", "are renamed"),
        said(How::Removed, "goes", "go"),
    ];
    all.into_iter().flatten().collect()
}

fn things(thing: Thing, count: usize) -> String {
    match (thing, count) {
        (Thing::Named(Kind::Person), 2..) => format!("{count} people"),
        _ => counted(count, thing.what()),
    }
}

/// Reports, and first of all who gets or no longer gets them.
fn readers(changes: &Changes) -> Vec<String> {
    let mut parts = told(changes, Thing::Named(Kind::Report));
    let count = |change: &Change, newly: bool| {
        let readers = change.fields.iter().filter(|field| field.what == "reader");
        readers.filter(|field| (if newly { &field.old } else { &field.new }).is_none()).count()
    };
    for (newly, verb, what) in [(true, "gets", "new reader"), (false, "loses", "reader")] {
        let edited = changes.of(Kind::Report).filter(|change| change.how != How::Added);
        let counts: Vec<usize> = edited.map(|change| count(change, newly)).filter(|count| *count > 0).collect();
        let readers = counts.iter().sum::<usize>();
        if readers > 0 {
            let verb = if counts.len() == 1 { verb } else { verb.trim_end_matches('s') };
            parts.push(format!("{} {verb} {}", counted(counts.len(), "report"), counted(readers, what)));
        }
    }
    parts
}

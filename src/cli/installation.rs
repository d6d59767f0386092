//! What every command begins with: the catalogue, loaded or explained, and what names on the command line mean.

use super::scorecard::plain_table;
use super::{Explained, wrong};
use crate::catalog::{Catalog, Problems, is_address, suggest};
use crate::daemon;
pub use crate::daemon::installation::sources;
use crate::measure::Kpi;
use crate::query::Source;
use crate::render::Renderer;
use crate::report::{Person, ReportSpec};
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

/// The catalogue of `dir`.
///
/// # Errors
/// It can't be used; its problems have been printed.
pub fn load(dir: &Path) -> Result<Catalog, Explained> {
    load_with(dir, &|name| std::env::var(name).ok())
}

/// The same for commands about the store, which need its settings and some names: what else is wrong does not keep them from their work.
///
/// # Errors
/// The settings can't be used; all problems have been printed.
pub fn load_settings(dir: &Path) -> Result<Catalog, Explained> {
    match Catalog::load_settings(dir, &|name| std::env::var(name).ok()) {
        Ok(loaded) => {
            if loaded.warnings.errors() > 0 {
                eprintln!(
                    "warning: the YAML has errors, which `kpid check` lists; what it says of reports and people may be incomplete"
                );
            }
            Ok(loaded.catalog)
        }
        Err(problems) => {
            show(&problems);
            Err(Explained)
        }
    }
}

/// The same for commands that add to the YAML, which may mend it: what is wrong with it is told when something was added.
///
/// # Errors
/// As for [`load_settings`].
pub fn load_what_holds(dir: &Path) -> Result<Catalog, Explained> {
    match Catalog::load_settings(dir, &|name| std::env::var(name).ok()) {
        Ok(loaded) => Ok(loaded.catalog),
        Err(problems) => {
            show(&problems);
            Err(Explained)
        }
    }
}

/// The same with an environment of its own.
pub fn load_with(dir: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Catalog, Explained> {
    match Catalog::load(dir, env) {
        Ok(loaded) => Ok(loaded.catalog),
        Err(problems) => {
            show(&problems);
            Err(Explained)
        }
    }
}

/// Prints problems on stderr, drawn on a terminal and plain elsewhere.
pub fn show(problems: &Problems) {
    if std::io::stderr().is_terminal() {
        let columns = plain_table().width().unwrap_or(80);
        eprint!("{}", problems.graphical(columns.into()));
    } else {
        eprint!("{problems}");
    }
}

/// The error of a name that nothing has.
pub fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> anyhow::Error {
    let all: Vec<&str> = known.clone().take(LISTED + 1).collect();
    let help = match (suggest(name, known), all.len()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, 0) => "there is none at all yet".to_owned(),
        (None, ..=LISTED) => format!("there are {}", all.join(", ")),
        (None, _) => format!("there are {}, …", all[..LISTED].join(", ")),
    };
    wrong(format!("there is no {what} `{name}`"), Some(help))
}

/// How many names are worth reading.
const LISTED: usize = 20;

/// The KPIs of those names, or all.
pub fn kpis(catalog: &Catalog, names: &[String]) -> anyhow::Result<Vec<Arc<Kpi>>> {
    if names.is_empty() {
        return Ok(catalog.kpis.clone());
    }
    names.iter().map(|name| kpi(catalog, name)).collect()
}

pub fn kpi(catalog: &Catalog, name: &str) -> anyhow::Result<Arc<Kpi>> {
    let known = || catalog.kpis.iter().map(|kpi| &*kpi.id);
    catalog.kpi(name).cloned().ok_or_else(|| unknown("KPI", name, known()))
}

pub fn source<'a>(catalog: &'a Catalog, name: &str) -> anyhow::Result<&'a Arc<Source>> {
    catalog.sources.get(name).ok_or_else(|| unknown("source", name, catalog.sources.keys().map(|name| &**name)))
}

pub fn report<'a>(catalog: &'a Catalog, name: &str) -> anyhow::Result<&'a ReportSpec> {
    catalog.reports.get(name).ok_or_else(|| unknown("report", name, catalog.reports.keys().map(|name| &**name)))
}

/// The templates and texts of the installation, over those built in.
pub fn renderer(dir: &Path, catalog: &Catalog) -> anyhow::Result<Renderer> {
    daemon::installation::renderer(dir, catalog).map_err(|error| wrong(error.to_string(), None))
}

/// The person of that name.
pub fn member<'a>(catalog: &'a Catalog, name: &str) -> anyhow::Result<&'a Person> {
    catalog.people.get(name).ok_or_else(|| unknown("person", name, catalog.people.keys().map(|name| &**name)))
}

/// The person of that name or address, or a stranger with that address.
pub fn person(catalog: &Catalog, text: &str) -> anyhow::Result<Person> {
    if let Some(person) = catalog.people.get(text) {
        return Ok(person.clone());
    }
    if let Some(person) = catalog.people.values().find(|person| person.email.eq_ignore_ascii_case(text)) {
        return Ok(person.clone());
    }
    if let Some(members) = catalog.groups.get(text) {
        return Err(wrong(format!("`{text}` is a group: name one of {}", called(catalog, members).join(", ")), None));
    }
    if !is_address(text) {
        let near = suggest(text, catalog.people.keys().map(|name| &**name));
        let help = near.map_or("write a name of `people`, or an address like ana@example.com".to_owned(), |near| {
            format!("did you mean `{near}`?")
        });
        return Err(wrong(format!("`{text}` is neither a person nor an address"), Some(help)));
    }
    let allowed = catalog.settings.mail.as_ref().map(|mail| mail.allowed_domains.as_slice()).unwrap_or_default();
    let domain = text.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
    if !allowed.is_empty() && !domain.is_some_and(|domain| allowed.contains(&domain)) {
        let help = format!("`settings.mail.allowed_domains` allows {}", allowed.join(", "));
        return Err(wrong(format!("`{text}` may not get mails"), Some(help)));
    }
    Ok(catalog.stranger(text))
}

/// How each of `members` can be named: by the name of `people`, or by address.
fn called<'a>(catalog: &'a Catalog, members: &'a [Person]) -> Vec<&'a str> {
    let name = |member: &Person| catalog.people.iter().find(|(_, person)| person.email == member.email);
    members.iter().map(|member| name(member).map_or(&*member.email, |(name, _)| name)).collect()
}

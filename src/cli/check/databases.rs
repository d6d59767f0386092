//! What the databases say that the YAML can't know, each problem at the name of the thing that it is about.

use super::{reach, sums};
use crate::catalog::warnings::ROLE_MAY_WRITE;
use crate::catalog::{Catalog, Diagnostic, Kind, Severity};
use crate::cli::installation;
use crate::cli::progress::Line;
use crate::source::Sources;
use jiff::Timestamp;

/// Asks every database who we are there and every source for its columns; then, of those that answer, for the numbers of the last year.
///
/// # Errors
/// The installation's locale can't be used for numbers.
pub async fn problems(catalog: &Catalog, now: Timestamp) -> anyhow::Result<Vec<Diagnostic>> {
    let (sources, line) = (installation::sources(catalog), Line::new());
    let asked = async {
        let mut found = described(catalog, &sources).await;
        found.extend(sums::problems(catalog, &sources, now, &line).await);
        found.extend(reach::problems(catalog, &sources, now, &line).await?);
        Ok(found)
    };
    line.beside(asked).await
}

async fn described(catalog: &Catalog, sources: &Sources) -> Vec<Diagnostic> {
    let (mut found, silent) = roles(catalog, sources).await;
    // One error says it all of a database that doesn't answer.
    for source in catalog.sources.values().filter(|source| !silent.contains(&source.database.as_ref())) {
        let flaws = sources.flaws(source).await.unwrap_or_else(|error| vec![error]);
        let thing = (Kind::Source, &source.name);
        let problem = |flaw: &_| catalog.definitions.problem(Severity::Error, "source", thing, format!("{flaw}"), None);
        found.extend(flaws.iter().filter_map(problem));
    }
    found
}

/// What our roles may do beyond reading, and the databases that don't answer.
async fn roles<'a>(catalog: &'a Catalog, sources: &Sources) -> (Vec<Diagnostic>, Vec<&'a str>) {
    let (mut found, mut silent) = (Vec::new(), Vec::new());
    for name in catalog.databases.keys() {
        let thing = (Kind::Database, name);
        match sources.audit(name).await {
            Ok(excess) => found.extend(excess.into_iter().filter_map(|excess| {
                let message = format!("database `{name}`: {}", excess.what);
                match excess.privileged {
                    true => catalog.definitions.problem(Severity::Error, "privileged", thing, message, None),
                    false => catalog.definitions.warning(&ROLE_MAY_WRITE, thing, message, None),
                }
            })),
            Err(error) => {
                found.extend(catalog.definitions.problem(Severity::Error, "database", thing, error.to_string(), None));
                silent.push(&**name);
            }
        }
    }
    (found, silent)
}

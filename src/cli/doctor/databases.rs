//! The databases that sources read: do they answer, and what may kpid do there?

use super::finding::Finding;
use crate::catalog::Catalog;
use crate::cli::installation;

pub async fn check(catalog: &Catalog, name: &str) -> Vec<Finding> {
    let about = format!("database {name}");
    let excess = match installation::sources(catalog).audit(name).await {
        Ok(excess) => excess,
        Err(error) => return vec![Finding::failed(about, error.to_string()).advice("kpid check --connect")],
    };
    if excess.is_empty() {
        return vec![Finding::good(about, "answers, and lets kpid do no more than read")];
    }
    let finding = |excess: crate::source::Excess| match excess.privileged {
        true => Finding::failed(&*about, excess.what)
            .advice("give kpid a role of its own, or accept this one with `allow_privileged: true`"),
        false => Finding::warning(&*about, format!("answers; {}", excess.what)),
    };
    excess.into_iter().map(finding).collect()
}

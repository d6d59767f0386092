//! `kpid doctor`: is everything there that the daemon needs, and what to do where it isn't.
//!
//! Each check looks at one thing and gives [`Finding`]s; checks of things outside run at the same time, five seconds at most. It only
//! looks: nothing is made, repaired or sent, and nothing on the network is asked beside the databases, the store, the mail server and
//! the name servers.

mod databases;
mod dns;
mod finding;
mod machine;
mod mail;
mod settings;
mod store;

use super::progress::Line;
use super::{Exit, output};
use crate::calendar::clock;
use crate::catalog::Catalog;
use crate::mail::Resolver;
use finding::Finding;
use futures_util::future::{BoxFuture, FutureExt, join_all};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// What a check of something outside may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Look at everything that the daemon needs, and say what to do where something is wrong
///
/// Nothing is changed, and no mail is sent.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid doctor\n  kpid doctor --dkim-selector mail\n  kpid doctor --json\n\nExit codes: 0 nothing is broken (there may be warnings), 1 something is"
)]
pub struct Args {
    /// Also look for the DKIM key that the mail server signs with, by the name that its operator gave it
    #[arg(long, value_name = "NAME")]
    dkim_selector: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The name server to ask, in place of the system's
    #[arg(long, value_name = "ADDRESS:PORT", hide = true)]
    resolver: Option<SocketAddr>,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let line = Line::saying("looking at databases, store, mail server and DNS");
    let findings = line.beside(findings(dir, &args)).await;
    drop(line);
    match args.json {
        true => output::line(format_args!("{:#}", finding::json(&findings)))?,
        false => output::print(&finding::text(&findings))?,
    }
    let is_broken = findings.iter().any(Finding::is_failure);
    Ok(if is_broken { Exit::Failed } else { Exit::Done })
}

async fn findings(dir: &Path, args: &Args) -> Vec<Finding> {
    let now = clock::now();
    let loaded = Catalog::load(dir, &|name| std::env::var(name).ok());
    let mut findings = vec![settings::configuration(&loaded)];
    // What can't be read says nothing about databases and mail.
    let Ok(loaded) = loaded else {
        findings.extend([machine::clock(dir, now), machine::memory()]);
        return findings;
    };
    let catalog = &loaded.catalog;
    findings.push(settings::templates(dir, catalog));
    findings.push(machine::time_zones(catalog, now));
    findings.extend([machine::clock(dir, now), machine::memory()]);
    let mut checks = vec![check("store", store::check(&catalog.settings.store, now))];
    let names = catalog.databases.keys();
    checks.extend(names.map(|name| check(&format!("database {name}"), databases::check(catalog, name))));
    checks.push(check("mail", mail::check(catalog)));
    let resolver = args.resolver.map_or_else(Resolver::system, Resolver::of);
    checks.push(check("dns", dns::check(catalog, resolver, args.dkim_selector.as_deref())));
    findings.extend(join_all(checks).await.into_iter().flatten());
    findings.extend(settings::rest(catalog));
    findings
}

/// What `work` finds about `about`, or that it took too long.
fn check<'a>(about: &str, work: impl Future<Output = Vec<Finding>> + Send + 'a) -> BoxFuture<'a, Vec<Finding>> {
    let late = Finding::failed(about, format!("no answer within {PATIENCE:?}"))
        .advice("is it up, and does the network let this machine through to it?");
    async { tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| vec![late]) }.boxed()
}

//! The daemon's store: is it whole, is there room, and does a daemon work on it?

use super::finding::{Finding, bytes};
use super::machine::free;
use crate::calendar::clock;
use crate::secret::Secret;
use crate::store::{Node, Role, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::path::Path;

/// Bytes of free disk below which the store is in danger, and below which somebody should look.
const DANGER: u64 = 50_000_000;
const LITTLE: u64 = 500_000_000;

/// A clock that is further from the store's keeps a node from working, and one that is a little off deserves a look.
const SKEWED: SignedDuration = SignedDuration::from_secs(30);
const OFF: SignedDuration = SignedDuration::from_secs(2);

pub async fn check(url: &Secret, now: Timestamp) -> Vec<Finding> {
    let path = url.expose().strip_prefix("sqlite://").map(Path::new);
    let mut findings: Vec<Finding> = path.map(disk).into_iter().collect();
    if let Some(path) = path.filter(|path| !path.exists()) {
        let what = format!("{} is not there yet: the daemon makes it when it first starts", path.display());
        findings.insert(0, Finding::warning("store", what).advice("kpid run"));
        return findings;
    }
    let found = match Store::open(url, Role::Tool, 1, now).await {
        Ok(store) => inside(&store, path, now).await,
        Err(error) => Err(error),
    };
    let found = found.unwrap_or_else(|error| vec![Finding::failed("store", url.concealed_in(&error.to_string()))]);
    findings.splice(0..0, found);
    findings
}

async fn inside(store: &Store, path: Option<&Path>, now: Timestamp) -> Result<Vec<Finding>, StoreError> {
    let place = path.map_or_else(|| "PostgreSQL".to_owned(), |path| path.display().to_string());
    let mut findings = vec![Finding::good("store", format!("{place} opens and can be written"))];
    // Asked now: other checks took their time.
    let skew = store.skew(clock::now()).await?;
    if skew.abs() > OFF {
        let side = if skew.is_negative() { "behind" } else { "ahead of" };
        let what = format!("this machine's clock is {:.1} s {side} the store's", skew.abs().as_secs_f64());
        let finding =
            if skew.abs() > SKEWED { Finding::failed("store", what) } else { Finding::warning("store", what) };
        findings.push(finding.advice("let both keep time by NTP: timedatectl"));
    }
    if let Some(held) = store.planning_held(now).await? {
        findings.push(
            Finding::failed("planning", format!("held since {}: {}", held.since, held.why)).advice("kpid resume"),
        );
    }
    findings.push(daemons(&store.nodes(now).await?));
    Ok(findings)
}

fn daemons(nodes: &[Node]) -> Finding {
    const ABOUT: &str = "daemon";
    let alive: Vec<&Node> = nodes.iter().filter(|node| node.is_alive()).collect();
    let Some(first) = alive.first() else {
        let last =
            nodes.first().map_or_else(String::new, |node| format!("; {} was last seen at {}", node.host, node.seen));
        return Finding::warning(ABOUT, format!("none runs{last}")).advice("systemctl start kpid");
    };
    if alive.iter().any(|node| node.config != first.config) {
        let each: Vec<String> = alive.iter().map(|node| format!("{} {}", node.host, node.config)).collect();
        return Finding::warning(ABOUT, format!("they hold different catalogues: {}", each.join(", ")))
            .advice("put the same files on all of them");
    }
    let hosts: Vec<String> = alive.iter().map(|node| format!("{} (kpid {})", node.host, node.version)).collect();
    Finding::good(ABOUT, format!("runs on {}", hosts.join(", ")))
}

/// Room for the store.
fn disk(path: &Path) -> Finding {
    const ABOUT: &str = "disk";
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let place = folder.display();
    match free(folder) {
        Err(error) => Finding::failed(ABOUT, format!("{place}: {error}"))
            .advice("make the folder, and let kpid's user write there"),
        Ok(free) if free < DANGER => {
            Finding::failed(ABOUT, format!("{} are left at {place}: nothing is sent when it is full", bytes(free)))
                .advice("make room there")
        }
        Ok(free) if free < LITTLE => {
            Finding::warning(ABOUT, format!("{} are left at {place}", bytes(free))).advice("make room there")
        }
        Ok(free) => Finding::good(ABOUT, format!("{} are free at {place}", bytes(free))),
    }
}

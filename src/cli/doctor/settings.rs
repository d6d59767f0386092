//! The YAML, the templates, and what the settings lack.

use super::finding::Finding;
use crate::catalog::{Catalog, Loaded, Problems};
use crate::cli::check::templates::flaws;
use crate::cli::counted;
use std::path::Path;

pub fn configuration(loaded: &Result<Loaded, Problems>) -> Finding {
    const ABOUT: &str = "configuration";
    match loaded {
        Err(problems) => {
            Finding::failed(ABOUT, format!("the YAML can't be used: {}", counted(problems.iter().count(), "problem")))
                .advice("kpid check")
        }
        Ok(Loaded { catalog, warnings }) => {
            let holds = [
                counted(catalog.kpis.len(), "KPI"),
                counted(catalog.sources.len(), "source"),
                counted(catalog.reports.len(), "report"),
            ];
            let holds = format!("{}, version {}", holds.join(", "), catalog.version);
            match warnings.iter().count() {
                0 => Finding::good(ABOUT, holds),
                count => {
                    Finding::warning(ABOUT, format!("{holds}; {}", counted(count, "warning"))).advice("kpid check")
                }
            }
        }
    }
}

pub fn templates(dir: &Path, catalog: &Catalog) -> Finding {
    match flaws(dir, catalog).len() {
        0 => Finding::good("templates", "every report can be rendered, for all its readers"),
        count => Finding::failed("templates", format!("wrong in {}", counted(count, "place"))).advice("kpid check"),
    }
}

/// Whom the daemon tells, and what its web page is called.
pub fn rest(catalog: &Catalog) -> Vec<Finding> {
    let settings = &catalog.settings;
    let admin = match &settings.admin {
        Some(admin) => Finding::good("admin", format!("{admin} hears of failures")),
        None => {
            Finding::warning("admin", "nobody hears of failures").advice("add `admin: ops@example.com` to `settings`")
        }
    };
    let Some(web) = &settings.web else { return vec![admin] };
    let page = match web.public_url.as_deref() {
        None => Finding::warning("web", format!("listens on {}; mails can't lead there", web.listen))
            .advice("add `public_url: https://kpi.example.com` to `settings.web`: what readers see of it"),
        Some(url) => {
            let rest = url.split_once("://").map_or("", |(_, rest)| rest);
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let name = host.trim_start_matches('[').split([':', ']']).next().unwrap_or_default();
            let here = name == "localhost" || name.starts_with("127.") || name.is_empty();
            if here {
                Finding::warning("web", format!("{url} leads every reader to their own machine"))
                    .advice("write the name by which readers reach this machine into `settings.web.public_url`")
            } else if url.starts_with("http://") {
                Finding::warning("web", format!("{url} is not encrypted: anybody on the way reads what readers read"))
                    .advice("put a web server with TLS before it, and write https:// into `settings.web.public_url`")
            } else {
                Finding::good("web", format!("{url}, from {}", web.listen))
            }
        }
    };
    vec![admin, page]
}

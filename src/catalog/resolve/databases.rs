//! `databases:` → [`Database`].

use super::secret_url;
use super::sections::Section;
use super::settings::zone;
use crate::catalog::context::{Context, Problem};
use crate::catalog::fields::{Fields, Table};
use crate::catalog::node::Node;
use crate::catalog::scalar::{boolean, duration, integer, line};
use crate::query::{Database, Engine};
use crate::secret::Secret;
use crate::text::Name;
use std::collections::HashMap;
use std::time::Duration;

static DATABASE: Table = Table {
    what: "a database",
    keys: &[
        ("url", "`sqlite://path`, `postgres://…` or `mysql://…` (also MariaDB)"),
        ("timeout", "how long one query may run: `30s`, the default"),
        ("connections", "how many queries may run at once, 1 to 100; 4 by default"),
        ("max_rows", "how many rows one query may return; 10000 by default"),
        ("time_zone", "zone of its timestamps without zone; the report's own by default"),
        (
            "allow_privileged",
            "`true` accepts a role with power over its whole server, such as a superuser; `false` by default",
        ),
    ],
};

/// A declared database. Its engine is known even when something else about it is wrong, so that SQL can be checked.
pub(super) struct Known {
    pub engine: Option<Engine>,
    pub database: Option<Database>,
}

pub(super) fn read(cx: &Context, section: &Section) -> HashMap<Name, Known> {
    let one = |declared: &super::sections::Declared| {
        let known = Fields::read(cx, &declared.node, declared.at, &DATABASE)
            .map_or(Known { engine: None, database: None }, |fields| read_database(&fields, &declared.name));
        (declared.name.clone(), known)
    };
    section.list.iter().map(one).collect()
}

fn read_database(fields: &Fields, name: &Name) -> Known {
    let timeout = fields.optional("timeout", duration).unwrap_or(Duration::from_secs(30));
    let connections = fields.optional("connections", |cx, node| integer(cx, node, 1..=100)).unwrap_or(4);
    let max_rows = fields.optional("max_rows", |cx, node| integer(cx, node, 1..=10_000_000)).unwrap_or(10_000);
    let time_zone = fields.optional("time_zone", zone);
    let allow_privileged = fields.optional("allow_privileged", boolean).unwrap_or(false);
    let Some((engine, url)) = fields.required("url", url) else {
        return Known { engine: None, database: None };
    };
    let max_rows = max_rows as usize;
    let name = name.clone();
    let database = Database { name, url, engine, timeout, connections, max_rows, time_zone, allow_privileged };
    Known { engine: Some(engine), database: Some(database) }
}

/// Never repeats the URL: it may hold a password from the environment.
fn url(cx: &Context, node: &Node) -> Option<(Engine, Secret)> {
    let text = line(cx, node)?;
    let scheme = text.split(':').next().unwrap_or_default();
    let Some(engine) = Engine::of_url(&text) else {
        let schemes = ["sqlite", "postgres", "postgresql", "mysql", "mariadb"];
        let problem = Problem::error("bad-url", node.place, "not a database kpid can read");
        let help = "write `sqlite://path`, `postgres://user@host/database` or `mysql://user@host/database`";
        return cx.refuse(problem.did_you_mean(cx.near(scheme, schemes.into_iter())).help(help));
    };
    let rest = text.get(scheme.len()..).and_then(|rest| rest.strip_prefix("://")).unwrap_or_default();
    if rest.is_empty() || rest.starts_with('?') {
        let problem = Problem::error("bad-url", node.place, "the URL names no database");
        return cx.refuse(problem.help(format!("write `{scheme}://…`")));
    }
    Some((engine, secret_url(cx, node, text)))
}

//! `databases:` → [`Database`].

use super::secret_url;
use super::sections::Section;
use super::settings::zone;
use crate::catalog::context::{Context, Problem};
use crate::catalog::fields::{Fields, Table};
use crate::catalog::form::{Form, Pattern, Snippet, key, required};
use crate::catalog::node::Node;
use crate::catalog::scalar::{DURATION, boolean, duration, integer, line};
use crate::query::{Database, Engine};
use crate::secret::Secret;
use crate::text::Name;
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::time::Duration;

pub(super) static DATABASE: Table = Table {
    what: "a database",
    keys: &[
        required("url", "`sqlite://path`, `postgres://…` or `mysql://…` (also MariaDB)", Form::Pattern(&URL)).examples(
            &[
                "sqlite://crm.db",
                "postgres://kpid@db.example.com/crm",
                "mysql://kpid@db.example.com/crm",
                "${CRM_URL:-sqlite://crm.db}",
            ],
        ),
        key("timeout", "how long one query may run: `30s`, the default", Form::Pattern(&DURATION)).examples(&["30s"]),
        key("connections", "how many queries may run at once, 1 to 100; 4 by default", Form::Whole(CONNECTIONS)),
        key("max_rows", "how many rows one query may return; 10000 by default", Form::Whole(ROWS)),
        key("time_zone", "zone of its timestamps without zone; the report's own by default", Form::Text)
            .examples(&["UTC"]),
        key(
            "allow_privileged",
            "`true` accepts a role with power over its whole server, such as a superuser; `false` by default",
            Form::Switch,
        ),
    ],
};

pub(super) static NEW: Snippet = Snippet {
    what: "a new database",
    body: r#"
"${1:crm}":
  url: "${2:sqlite://crm.db}"
"#,
};

const CONNECTIONS: RangeInclusive<u32> = 1..=100;
const ROWS: RangeInclusive<u32> = 1..=10_000_000;

static URL: Pattern = Pattern {
    doc: "a database: `sqlite://path`, `postgres://user@host/database` or `mysql://user@host/database`",
    regex: r"^\s*(sqlite|postgres|postgresql|mysql|mariadb)://\S",
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
    let connections = fields.optional("connections", |cx, node| integer(cx, node, CONNECTIONS)).unwrap_or(4);
    let max_rows = fields.optional("max_rows", |cx, node| integer(cx, node, ROWS)).unwrap_or(10_000);
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

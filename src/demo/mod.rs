//! The sample company: a Spanish maker of valves and pumps that sells to businesses and runs a small web shop.
//!
//! From a seed and a day to the same rows for ever: web visits, customer relations and accounting of the two years up to
//! the last ISO week that was over by then. It has what real data has: seasons, quiet weekends, growth, a campaign that
//! fails, a feed that stopped, an A/B test with too few visits, sales that are entered late, names with quotes,
//! accents and emoji. [`Company`] is pure; [`build`] writes it to SQLite, [`Company::statements`] gives the same rows to
//! any engine. Absent on purpose: anything that would tie the shape of the data to one engine's types.

pub mod catalogue;
mod crm;
mod crm_tables;
mod erp;
mod names;
mod rng;
pub mod sample;
mod season;
mod sql;
mod sqlite;
mod table;
mod web;

pub use table::{Cell, Kind, Table};

use crate::query::Engine;
use jiff::civil::Date;
use rng::Rng;
use season::Span;
use std::path::{Path, PathBuf};

/// How large the company is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Web visits in the two years, about. Everything else grows with them.
    pub sessions: u32,
}

impl Default for Scale {
    /// 100,000 visits: built in about a second.
    fn default() -> Self {
        Scale { sessions: 100_000 }
    }
}

/// What was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The first day with web visits.
    pub first: Date,
    /// The day after the last day with data.
    pub end: Date,
    pub sessions: usize,
    pub leads: usize,
    pub customers: usize,
    pub orders: usize,
}

/// A database of the sample company could not be written.
#[derive(Debug, thiserror::Error)]
#[error("write the sample database `{}`: {cause}", path.display())]
pub struct DemoError {
    pub path: PathBuf,
    pub cause: Failure,
}

/// Why a database could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    File(#[from] std::io::Error),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The names of the three databases; each is a file `NAME.db`.
pub const DATABASES: [&str; 3] = ["web", "crm", "erp"];

/// Everything that is in the three databases, before it is written anywhere.
pub struct Company {
    span: Span,
    size: f64,
    sessions: Vec<web::Session>,
    leads: Vec<crm::Lead>,
    opportunities: Vec<crm::Opportunity>,
    customers: Vec<crm::Customer>,
    orders: Vec<erp::Order>,
    spend: Vec<erp::Spend>,
}

impl Company {
    /// The company as `seed` makes it, as it stood on the morning after the last ISO week that was over before `today`.
    pub fn new(seed: u64, today: Date, scale: Scale) -> Company {
        let span = Span::before(today);
        let size = f64::from(scale.sessions) / f64::from(Scale::default().sessions);
        // Days are streams of their own; these lie far beyond any day.
        let stream = |number: u64| Rng::new(seed, (1 << 32) + number);
        let mut sessions = web::sessions(seed, span, scale.sessions);
        let leads = crm::leads(&mut stream(1), span, &sessions, size);
        let opportunities = crm::opportunities(&mut stream(2), span, &leads);
        let customers = crm::customers(&mut stream(3), span, &leads, &opportunities, &sessions, size);
        let orders = erp::orders(&mut stream(4), span, &customers);
        let spend = erp::spend(&mut stream(5), span, size);
        for session in customers.iter().filter_map(|customer| leads[customer.lead?].session) {
            sessions[session].bought = true;
        }
        Company { span, size, sessions, leads, opportunities, customers, orders, spend }
    }

    /// All tables of all databases.
    pub fn tables(&self) -> Vec<Table<'_>> {
        vec![
            web::table(&self.sessions, self.span),
            crm_tables::leads(&self.leads),
            crm_tables::opportunities(&self.opportunities, &self.leads),
            crm_tables::stages(&self.opportunities),
            crm_tables::customers(&self.customers),
            erp::orders_table(&self.orders),
            erp::spend_table(&self.spend),
            erp::budget_table(self.span, self.size),
        ]
    }

    /// The SQL that creates and fills the tables of `database` on `engine`, statement by statement.
    pub fn statements(&self, database: &str, engine: Engine) -> impl Iterator<Item = String> {
        let tables = self.tables().into_iter().filter(move |table| table.database == database);
        tables.flat_map(move |table| sql::statements(table, engine))
    }

    fn summary(&self) -> Summary {
        Summary {
            first: table::date(self.span.start),
            end: table::date(self.span.end),
            sessions: web::table(&self.sessions, self.span).rows.count(),
            leads: self.leads.len(),
            customers: self.customers.len(),
            orders: self.orders.len(),
        }
    }
}

/// Builds `web.db`, `crm.db` and `erp.db` in `dir`, in place of those that are there.
///
/// # Errors
/// When a file can't be written; files that are not finished by then keep their former contents.
pub async fn build(dir: &Path, seed: u64, today: Date, scale: Scale) -> Result<Summary, DemoError> {
    std::fs::create_dir_all(dir).map_err(|e| DemoError { path: dir.to_owned(), cause: e.into() })?;
    let company = Company::new(seed, today, scale);
    for database in DATABASES {
        let path = dir.join(format!("{database}.db"));
        sqlite::write(&path, company.statements(database, Engine::Sqlite)).await?;
    }
    Ok(company.summary())
}

#[cfg(test)]
mod tests;

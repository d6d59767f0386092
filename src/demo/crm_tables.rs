//! The customer relations as tables.

use super::crm::{Customer, Lead, Opportunity};
use super::table::{Cell, Kind, SECONDS_A_DAY, Table};

pub fn leads(leads: &[Lead]) -> Table<'_> {
    Table {
        database: "crm",
        name: "leads",
        columns: &[
            ("id", Kind::Key),
            ("created_at", Kind::Moment),
            ("direction", Kind::Text),
            ("channel", Kind::Text),
            ("network", Kind::Text),
            ("campaign", Kind::Text),
            ("first_contact_at", Kind::Moment),
            ("response_hours", Kind::Real),
            ("is_mql", Kind::Int),
            ("mql_at", Kind::Moment),
            ("is_sql", Kind::Int),
            ("sql_at", Kind::Moment),
            ("is_sal", Kind::Int),
            ("sal_at", Kind::Moment),
        ],
        indexes: &["created_at"],
        rows: Box::new(leads.iter().zip(1..).map(|(lead, id)| lead_row(lead, id))),
    }
}

fn lead_row(lead: &Lead, id: i64) -> Vec<Cell> {
    let response = lead.contacted.filter(|_| lead.origin.inbound).map(|at| (at - lead.created) as f64 / 3600.0);
    vec![
        Cell::Int(id),
        Cell::Moment(lead.created),
        Cell::Text(lead.origin.direction()),
        Cell::Text(lead.origin.channel),
        Cell::text(lead.origin.network),
        Cell::text(lead.origin.campaign),
        Cell::moment(lead.contacted),
        response.map_or(Cell::Null, Cell::Real),
        Cell::flag(lead.mql.is_some()),
        Cell::moment(lead.mql),
        Cell::flag(lead.sql.is_some()),
        Cell::moment(lead.sql),
        Cell::flag(lead.sal.is_some()),
        Cell::moment(lead.sal),
    ]
}

pub fn opportunities<'a>(deals: &'a [Opportunity], leads: &'a [Lead]) -> Table<'a> {
    Table {
        database: "crm",
        name: "opportunities",
        columns: &[
            ("id", Kind::Key),
            ("lead_id", Kind::Int),
            ("direction", Kind::Text),
            ("channel", Kind::Text),
            ("first_contact_at", Kind::Moment),
            ("opened_at", Kind::Moment),
            ("amount", Kind::Money),
            ("decided_at", Kind::Moment),
            ("won", Kind::Int),
            ("loss_reason", Kind::Text),
            ("cycle_days", Kind::Int),
        ],
        indexes: &["decided_at", "opened_at"],
        rows: Box::new(deals.iter().zip(1..).map(|(deal, id)| opportunity_row(deal, &leads[deal.lead], id))),
    }
}

fn opportunity_row(deal: &Opportunity, lead: &Lead, id: i64) -> Vec<Cell> {
    let won_at = deal.decided.filter(|(_, won)| *won).map(|(at, _)| at);
    let days = |from: i64, to: i64| to.div_euclid(SECONDS_A_DAY) - from.div_euclid(SECONDS_A_DAY);
    let cycle = won_at.zip(lead.contacted).map(|(won, contacted)| days(contacted, won));
    vec![
        Cell::Int(id),
        Cell::Int(deal.lead as i64 + 1),
        Cell::Text(lead.origin.direction()),
        Cell::Text(lead.origin.channel),
        Cell::moment(lead.contacted),
        Cell::Moment(deal.opened),
        Cell::Cents(deal.amount),
        Cell::moment(deal.decided.map(|(at, _)| at)),
        deal.decided.map_or(Cell::Null, |(_, won)| Cell::flag(won)),
        Cell::text(deal.stages.iter().find_map(|stage| Some(stage.lost?.1))),
        cycle.map_or(Cell::Null, Cell::Int),
    ]
}

pub fn stages(deals: &[Opportunity]) -> Table<'_> {
    let entries = deals.iter().zip(1..).flat_map(|(deal, id)| deal.stages.iter().map(move |entry| (id, entry)));
    Table {
        database: "crm",
        name: "opportunity_stages",
        columns: &[
            ("id", Kind::Key),
            ("opportunity_id", Kind::Int),
            ("stage", Kind::Text),
            ("entered_at", Kind::Moment),
            ("lost_at", Kind::Moment),
            ("loss_reason", Kind::Text),
        ],
        indexes: &["entered_at", "lost_at"],
        rows: Box::new(entries.zip(1..).map(|((deal, entry), id)| {
            vec![
                Cell::Int(id),
                Cell::Int(deal),
                Cell::Text(entry.stage),
                Cell::Moment(entry.entered),
                Cell::moment(entry.lost.map(|(at, _)| at)),
                Cell::text(entry.lost.map(|(_, reason)| reason)),
            ]
        })),
    }
}

pub fn customers(customers: &[Customer]) -> Table<'_> {
    Table {
        database: "crm",
        name: "customers",
        columns: &[
            ("id", Kind::Key),
            ("segment", Kind::Text),
            ("direction", Kind::Text),
            ("channel", Kind::Text),
            ("network", Kind::Text),
            ("marketing_originated", Kind::Int),
            ("lead_id", Kind::Int),
            ("since", Kind::Moment),
            ("until", Kind::Moment),
        ],
        indexes: &["since"],
        rows: Box::new(customers.iter().zip(1..).map(|(customer, id)| {
            vec![
                Cell::Int(id),
                Cell::Text(if customer.business { "b2b" } else { "b2c" }),
                Cell::Text(customer.origin.direction()),
                Cell::Text(customer.origin.channel),
                Cell::text(customer.origin.network),
                Cell::flag(customer.marketing),
                customer.lead.map_or(Cell::Null, |lead| Cell::Int(lead as i64 + 1)),
                Cell::Moment(customer.since),
                Cell::moment(customer.until),
            ]
        })),
    }
}

//! Customer relations: contacts, deals with their stages, customers.
//!
//! Every contact that a visit leaves becomes an inbound lead, sales adds outbound ones; both may be qualified, become a
//! deal and, in the end, a customer. What would happen after the end of the data has not happened: the last weeks' deals
//! are open.

use super::names::{CAMPAIGNS, CHANNELS, DIRECT, NETWORKS, REASONS, STAGES};
use super::rng::Rng;
use super::season::{Span, is_business, next_business};
use super::table::SECONDS_A_DAY;
use super::web::Session;

const HOUR: i64 = 3600;

/// A contact. Moments are seconds of wall clock since 1970; `None` is never, or not yet.
pub struct Lead {
    pub created: i64,
    /// Position of the visit that left it; none if sales found it.
    pub session: Option<usize>,
    pub origin: Origin,
    pub contacted: Option<i64>,
    pub mql: Option<i64>,
    pub sql: Option<i64>,
    pub sal: Option<i64>,
}

/// Where a contact or a customer came from.
#[derive(Clone, Copy)]
pub struct Origin {
    pub inbound: bool,
    pub channel: &'static str,
    pub network: Option<&'static str>,
    pub campaign: Option<&'static str>,
}

/// A deal with a contact that sales accepted.
pub struct Opportunity {
    /// Position among the leads.
    pub lead: usize,
    pub opened: i64,
    pub stages: Vec<StageEntry>,
    /// When it was decided, and whether won.
    pub decided: Option<(i64, bool)>,
    /// What it is worth, in cents.
    pub amount: i64,
}

/// A deal's time in one stage.
pub struct StageEntry {
    pub stage: &'static str,
    pub entered: i64,
    /// When and why the deal was lost in it.
    pub lost: Option<(i64, &'static str)>,
}

pub struct Customer {
    pub business: bool,
    pub origin: Origin,
    /// Marketing brought the first contact.
    pub marketing: bool,
    /// Position among the leads; none for the shop's customers and those older than the data.
    pub lead: Option<usize>,
    pub since: i64,
    pub until: Option<i64>,
    /// Cents of the order that made them a customer; none if that is older than the data.
    pub first_order: Option<i64>,
}

pub const OUTBOUND: Origin = Origin { inbound: false, channel: "outbound", network: None, campaign: None };

/// Customers of the default scale when the data begins: businesses, and private ones of the shop.
const BASE: (i64, i64) = (840, 210);

/// Probability that a customer of each kind leaves within a year.
const CHURN: (f64, f64) = (0.16, 0.45);

impl Origin {
    pub fn of(session: &Session) -> Origin {
        Origin {
            inbound: true,
            channel: CHANNELS[session.channel].name,
            network: session.network.map(|n| NETWORKS[n].0),
            campaign: session.campaign.map(|c| CAMPAIGNS[c].name),
        }
    }

    pub fn direction(self) -> &'static str {
        if self.inbound { "inbound" } else { "outbound" }
    }
}

/// Leads in the order of their creation. `size` is 1 for the default scale.
pub fn leads(rng: &mut Rng, span: Span, sessions: &[Session], size: f64) -> Vec<Lead> {
    let mut leads: Vec<Lead> = sessions
        .iter()
        .enumerate()
        .filter(|(_, session)| session.lead)
        .map(|(position, session)| {
            let qualified = CHANNELS[session.channel].qualified;
            // The form reaches the CRM some minutes after the visit began.
            let created = session.at + rng.between(40, 1_500);
            lead(rng, span, created, Some(position), Origin::of(session), qualified)
        })
        .collect();
    for day in (span.history..span.end).filter(|day| is_business(*day)) {
        for _ in 0..rng.count(2.6 * size * span.activity(day)) {
            let created = day * SECONDS_A_DAY + rng.between(9 * HOUR, 18 * HOUR);
            leads.push(lead(rng, span, created, None, OUTBOUND, 0.34));
        }
    }
    leads.retain(|lead| span.knows(lead.created));
    leads.sort_by_key(|lead| lead.created);
    leads
}

fn lead(rng: &mut Rng, span: Span, created: i64, session: Option<usize>, origin: Origin, qualified: f64) -> Lead {
    let known = |moment: &i64| span.knows(*moment);
    let mql = rng.chance(qualified).then(|| created + rng.between(0, 14 * HOUR)).filter(known);
    let sql = mql.filter(|_| rng.chance(0.54)).map(|at| at + rng.between(3 * HOUR, 60 * HOUR)).filter(known);
    let sal = sql.filter(|_| rng.chance(0.86)).map(|at| at + rng.between(HOUR, 30 * HOUR)).filter(known);
    let contacted = match session {
        // Whom sales finds it has contacted by that.
        None => Some(created),
        Some(_) => (sal.is_some() || rng.chance(0.9)).then(|| first_contact(rng, created)).filter(known),
    };
    Lead { created, session, origin, contacted, mql, sql, sal: sal.filter(|_| contacted.is_some()) }
}

/// Answers leave in office hours, a quarter of an hour to some hours after the contact or the next morning's opening.
/// Whole quarters of an hour from `created`, so that hours are exact binary fractions in every database.
fn first_contact(rng: &mut Rng, created: i64) -> i64 {
    const QUARTER: i64 = 900;
    let (day, second) = (created.div_euclid(SECONDS_A_DAY), created.rem_euclid(SECONDS_A_DAY));
    let open = if is_business(day) && second < 17 * HOUR {
        created.max(day * SECONDS_A_DAY + 9 * HOUR)
    } else {
        next_business(day + 1) * SECONDS_A_DAY + 9 * HOUR
    };
    let wait = open - created + (rng.skewed() * 2.4 * HOUR as f64) as i64;
    created + (wait / QUARTER + 1) * QUARTER
}

/// A deal for each accepted lead, in the order of the leads.
pub fn opportunities(rng: &mut Rng, span: Span, leads: &[Lead]) -> Vec<Opportunity> {
    let accepted = leads.iter().enumerate().filter_map(|(position, lead)| Some((position, lead.sal?)));
    accepted.map(|(lead, sal)| opportunity(rng, span, lead, sal)).collect()
}

fn opportunity(rng: &mut Rng, span: Span, lead: usize, opened: i64) -> Opportunity {
    let mut deal = Opportunity { lead, opened, stages: Vec::new(), decided: None, amount: price(rng, 3_200) };
    let mut now = opened;
    for stage in &STAGES {
        if !span.knows(now) {
            return deal;
        }
        let ends = next_business((now / SECONDS_A_DAY) + rng.between(stage.days.0, stage.days.1)) * SECONDS_A_DAY
            + rng.between(9 * HOUR, 18 * HOUR);
        let reason = REASONS[rng.weighted(&stage.reasons)];
        let lost = rng.chance(stage.loss).then_some((ends, reason)).filter(|(at, _)| span.knows(*at));
        deal.stages.push(StageEntry { stage: stage.name, entered: now, lost });
        if let Some((at, _)) = lost {
            deal.decided = Some((at, false));
            return deal;
        }
        now = ends;
    }
    deal.decided = span.knows(now).then_some((now, true));
    deal
}

/// Cents around `mean` whole units, skewed.
pub fn price(rng: &mut Rng, mean: i64) -> i64 {
    ((0.25 + 0.75 * rng.skewed()) * (mean * 100) as f64) as i64
}

/// Everybody who ever bought, the oldest first: those from before the data, the deals won, and the shop's buyers.
pub fn customers(
    rng: &mut Rng,
    span: Span,
    leads: &[Lead],
    deals: &[Opportunity],
    sessions: &[Session],
    size: f64,
) -> Vec<Customer> {
    let mut customers = base(rng, span, size);
    customers.extend(deals.iter().filter_map(|deal| won(rng, span, leads, deal)));
    customers.extend(sessions.iter().filter_map(|session| buyer(rng, span, session)));
    customers.sort_by_key(|customer| customer.since);
    customers
}

fn won(rng: &mut Rng, span: Span, leads: &[Lead], deal: &Opportunity) -> Option<Customer> {
    let (since, _) = deal.decided.filter(|(_, won)| *won)?;
    let origin = leads[deal.lead].origin;
    let marketing = origin.inbound && rng.chance(0.92);
    let until = leaves(rng, span, since, CHURN.0);
    let (lead, first_order) = (Some(deal.lead), Some(deal.amount));
    Some(Customer { business: true, origin, marketing, lead, since, until, first_order })
}

/// The customer that a purchase in the shop made, unless they were one before.
fn buyer(rng: &mut Rng, span: Span, session: &Session) -> Option<Customer> {
    let is_new = session.shop && rng.chance(0.55);
    is_new.then(|| {
        let (origin, since) = (Origin::of(session), session.at);
        let marketing = origin.channel != CHANNELS[DIRECT].name;
        let until = leaves(rng, span, since, CHURN.1);
        Customer { business: false, origin, marketing, lead: None, since, until, first_order: Some(price(rng, 85)) }
    })
}

/// The customers that the company had when the data begins.
fn base(rng: &mut Rng, span: Span, size: f64) -> Vec<Customer> {
    let count = |n: i64| (n as f64 * size) as i64;
    let kinds = [(true, count(BASE.0), CHURN.0), (false, count(BASE.1), CHURN.1)];
    let mut customers = Vec::new();
    for (business, count, churn) in kinds {
        for _ in 0..count {
            let day = next_business(rng.between(span.history - 5 * 365, span.history - 10));
            let since = day * SECONDS_A_DAY + rng.between(9 * HOUR, 18 * HOUR);
            let inbound = !business || rng.chance(0.45);
            let origin = if inbound { Origin { inbound, channel: "organic", ..OUTBOUND } } else { OUTBOUND };
            let until = leaves(rng, span, span.history * SECONDS_A_DAY, churn);
            customers.push(Customer {
                business,
                origin,
                marketing: inbound,
                lead: None,
                since,
                until,
                first_order: None,
            });
        }
    }
    customers
}

/// When a customer leaves who is one at `from`, if that is before the end of the data; never in the first month.
fn leaves(rng: &mut Rng, span: Span, from: i64, a_year: f64) -> Option<i64> {
    const MONTH: i64 = 30;
    let days = (from / SECONDS_A_DAY + MONTH..span.end).step_by(MONTH as usize);
    for month in days {
        if rng.chance(a_year / 12.0) {
            let day = month + rng.between(0, MONTH - 1);
            return Some(day * SECONDS_A_DAY + 12 * HOUR).filter(|at| span.knows(*at));
        }
    }
    None
}

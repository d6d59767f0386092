//! Accounting: orders, spend, budget.
//!
//! Customers order again and again while they are customers. Some sales are entered days later than they were made, so the
//! last weeks are not complete yet. The budget is written by day, so that a week that spans two months has one too.

use super::crm::{Customer, price};
use super::names::{CAMPAIGNS, NEWSLETTER};
use super::rng::Rng;
use super::season::{Span, is_business, next_business};
use super::table::{Cell, Kind, SECONDS_A_DAY, Table, date, day_number};

/// A sale.
pub struct Order {
    /// Position among the customers.
    customer: usize,
    at: i64,
    recorded: i64,
    cents: i64,
    /// The customer's first.
    first: bool,
    inbound: bool,
    business: bool,
    /// The campaign that the sale is credited to.
    campaign: Option<&'static str>,
}

/// What was spent in one day for one purpose.
pub struct Spend {
    day: i64,
    marketing: bool,
    inbound: bool,
    campaign: Option<&'static str>,
    cents: i64,
}

/// Orders that were entered by the end of the data, in the order of time.
pub fn orders(rng: &mut Rng, span: Span, customers: &[Customer]) -> Vec<Order> {
    let mut orders = Vec::new();
    for (position, customer) in customers.iter().enumerate() {
        if let Some(cents) = customer.first_order {
            let credited = customer.origin.campaign;
            orders.push(order(rng, position, customer, customer.since, cents, credited));
        }
        again(rng, span, position, customer, &mut orders);
    }
    orders.retain(|order| span.knows(order.recorded));
    orders.sort_by_key(|order| (order.at, order.customer));
    orders
}

/// The customer's later orders.
fn again(rng: &mut Rng, span: Span, position: usize, customer: &Customer, orders: &mut Vec<Order>) {
    let (days, mean) = if customer.business { ((25, 135), 1_050) } else { ((60, 420), 70) };
    let until = customer.until.map_or(span.end, |until| until / SECONDS_A_DAY);
    // Whoever was a customer before the data begins is somewhere between two orders then.
    let mut day = if customer.first_order.is_some() { customer.since / SECONDS_A_DAY } else { span.history - 60 };
    loop {
        day += rng.between(days.0, days.1);
        if customer.business {
            // Half of what August would order waits for September.
            let waits = date(day).month() == 8 && rng.chance(0.5);
            day = next_business(if waits { day + 28 } else { day });
        }
        if day >= until {
            return;
        }
        if day >= span.history {
            let at = day * SECONDS_A_DAY + rng.between(9 * 3600, 18 * 3600);
            let raise = 1.0 + 0.08 * (day - span.start) as f64 / 365.0;
            let cents = (price(rng, mean) as f64 * raise) as i64;
            let share = if customer.origin.inbound { 0.22 } else { 0.03 };
            let credited = rng.chance(share).then_some(CAMPAIGNS[NEWSLETTER].name);
            orders.push(order(rng, position, customer, at, cents, credited));
        }
    }
}

fn order(
    rng: &mut Rng,
    position: usize,
    customer: &Customer,
    at: i64,
    cents: i64,
    campaign: Option<&'static str>,
) -> Order {
    let late = if customer.business && rng.chance(0.07) { rng.between(3, 24) } else { 0 };
    Order {
        customer: position,
        at,
        recorded: at + late * SECONDS_A_DAY,
        cents,
        first: customer.first_order.is_some() && at == customer.since,
        inbound: customer.origin.inbound,
        business: customer.business,
        campaign,
    }
}

/// Spend by day. Teams cost on business days, campaigns on every day they run. `size` is 1 for the default scale.
pub fn spend(rng: &mut Rng, span: Span, size: f64) -> Vec<Spend> {
    // Marketing or sales, inbound or outbound, cents a business day.
    const TEAMS: [(bool, bool, i64); 4] =
        [(true, true, 46_000), (true, false, 38_000), (false, true, 82_000), (false, false, 128_000)];
    let mut spend = Vec::new();
    for day in span.history..span.end {
        let mut cents = |mean: i64| (mean as f64 * size * (0.88 + 0.24 * rng.unit())) as i64;
        let teams = TEAMS.iter().filter(|_| is_business(day));
        spend.extend(teams.map(|&(marketing, inbound, mean)| Spend {
            day,
            marketing,
            inbound,
            campaign: None,
            cents: cents(mean),
        }));
        let campaigns = CAMPAIGNS.iter().filter(|campaign| campaign.runs(span, day));
        spend.extend(campaigns.map(|campaign| {
            let campaign_name = Some(campaign.name);
            Spend { day, marketing: true, inbound: true, campaign: campaign_name, cents: cents(campaign.cost) }
        }));
    }
    spend
}

pub fn orders_table(orders: &[Order]) -> Table<'_> {
    Table {
        database: "erp",
        name: "orders",
        columns: &[
            ("id", Kind::Key),
            ("customer_id", Kind::Int),
            ("ordered_at", Kind::Moment),
            ("recorded_at", Kind::Moment),
            ("amount", Kind::Money),
            ("segment", Kind::Text),
            ("is_new_customer", Kind::Int),
            ("is_inbound", Kind::Int),
            ("campaign", Kind::Text),
        ],
        indexes: &["ordered_at"],
        rows: Box::new(orders.iter().zip(1..).map(|(order, id)| {
            vec![
                Cell::Int(id),
                Cell::Int(order.customer as i64 + 1),
                Cell::Moment(order.at),
                Cell::Moment(order.recorded),
                Cell::Cents(order.cents),
                Cell::Text(if order.business { "b2b" } else { "b2c" }),
                Cell::flag(order.first),
                Cell::flag(order.inbound),
                Cell::text(order.campaign),
            ]
        })),
    }
}

pub fn spend_table(spend: &[Spend]) -> Table<'_> {
    Table {
        database: "erp",
        name: "spend",
        columns: &[
            ("id", Kind::Key),
            ("day", Kind::Day),
            ("department", Kind::Text),
            ("direction", Kind::Text),
            ("campaign", Kind::Text),
            ("amount", Kind::Money),
        ],
        indexes: &["day"],
        rows: Box::new(spend.iter().zip(1..).map(|(spend, id)| {
            vec![
                Cell::Int(id),
                Cell::Day(spend.day),
                Cell::Text(if spend.marketing { "marketing" } else { "sales" }),
                Cell::Text(if spend.inbound { "inbound" } else { "outbound" }),
                Cell::text(spend.campaign),
                Cell::Cents(spend.cents),
            ]
        })),
    }
}

/// The budget: every month's revenue and new customers, spread over its days; through the year after the data ends.
pub fn budget_table<'a>(span: Span, size: f64) -> Table<'a> {
    let last = day_number(date(span.end).last_of_year());
    Table {
        database: "erp",
        name: "budget",
        columns: &[("day", Kind::Day), ("month", Kind::Day), ("revenue", Kind::Money), ("new_customers", Kind::Real)],
        indexes: &["day"],
        rows: Box::new((span.start..=last).map(move |day| {
            let rise = 1.0 + 0.12 * (day - span.start) as f64 / 365.0;
            // Euros a business day, and thirty-seconds of a customer: exact binary fractions in every database.
            let revenue = if is_business(day) { (17_500.0 * rise * size) as i64 * 100 } else { 30_000 };
            let customers = if is_business(day) { (40.0 * rise * size) as i64 } else { 16 } as f64 / 32.0;
            vec![
                Cell::Day(day),
                Cell::Day(day_number(date(day).first_of_month())),
                Cell::Cents(revenue),
                Cell::Real(customers),
            ]
        })),
    }
}

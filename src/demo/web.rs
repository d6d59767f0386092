//! The web site's visits.
//!
//! Day by day: how many, from where, on what device, to which page, and whether the visitor left contact data or bought in
//! the shop. Who bought after a sales talk is known only later, from the customer relations.

use super::names::{
    AB_DAYS, AB_PAGE, CAMPAIGNS, CHANNELS, DESKTOP, DEVICES, EMAIL, FIRST_LANDING, KEYWORDS, MOBILE, NETWORKS, ORGANIC,
    PAGES, PAID, PHONES, SHOP, SOCIAL, VARIANTS,
};
use super::rng::Rng;
use super::season::{Span, is_weekend, weekday};
use super::table::{Cell, Kind, SECONDS_A_DAY, Table};

/// A visit. Positions are those of the lists in [`super::names`].
pub struct Session {
    /// Seconds of wall clock since 1970.
    pub at: i64,
    visitor: u32,
    pub channel: usize,
    pub campaign: Option<usize>,
    keyword: Option<usize>,
    pub network: Option<usize>,
    device: usize,
    phone: Option<usize>,
    page: usize,
    variant: Option<usize>,
    pages: i64,
    pub lead: bool,
    /// Bought in the shop during this visit.
    pub shop: bool,
    /// Ended up buying: in the shop, or later as the deal that this visit's contact became.
    pub bought: bool,
}

/// Visits by hour of the day. None between two and four: that hour does not exist on the day the clocks go forward.
const HOURS: [f64; 24] = [
    0.8, 0.3, 0.0, 0.0, 0.1, 0.3, 1.0, 2.5, 5.0, 8.0, 9.0, 9.0, 8.0, 6.5, 4.5, 5.5, 7.0, 7.5, 6.5, 5.0, 4.0, 4.0, 3.0,
    1.8,
];

/// The social network's data stopped arriving this many days before the end.
const SOCIAL_IS_STALE: i64 = 4;

/// All visits since `span.history` in the order of time, about `sessions` of them since `span.start`.
pub fn sessions(seed: u64, span: Span, sessions: u32) -> Vec<Session> {
    let published: f64 = (span.start..span.end).map(|day| span.activity(day)).sum();
    let mut all = Vec::new();
    let mut visitors = 0;
    for day in span.history..span.end {
        let mut rng = Rng::new(seed, day.unsigned_abs());
        let first = all.len();
        let count = rng.count(f64::from(sessions) * span.activity(day) / published);
        let running: Vec<usize> = (0..CAMPAIGNS.len()).filter(|c| CAMPAIGNS[*c].runs(span, day)).collect();
        let session = |_| session(&mut rng, span, day, &running, &mut visitors);
        all.extend((0..count).map(session).filter(|s| s.channel != SOCIAL || day < span.end - SOCIAL_IS_STALE));
        all[first..].sort_by_key(|s| s.at);
    }
    all
}

fn session(rng: &mut Rng, span: Span, day: i64, running: &[usize], visitors: &mut u32) -> Session {
    let at = day * SECONDS_A_DAY + rng.weighted(&HOURS) as i64 * 3600 + rng.between(0, 3599);
    let channel = channel(rng, day);
    let campaign = campaign(rng, channel, running);
    let device = device(rng, day);
    let page = match campaign {
        Some(campaign) if rng.chance(0.8) => CAMPAIGNS[campaign].page,
        _ => rng.weighted(&PAGES.map(|(_, share)| share)),
    };
    let tested = page == AB_PAGE && day >= span.end - AB_DAYS;
    let variant = tested.then(|| rng.between(0, 1) as usize);
    let bounced = rng.chance(CHANNELS[channel].bounce + if device == MOBILE { 0.09 } else { -0.03 });
    let lead = !bounced && rng.chance(lead_probability(channel, campaign, device, page, variant, day));
    let shop = !bounced && rng.chance(if page == SHOP { 0.045 } else { 0.004 });
    Session {
        at,
        visitor: visitor(rng, visitors),
        channel,
        campaign,
        keyword: (channel == ORGANIC).then(|| rng.weighted(&KEYWORDS.map(|(_, share)| share))),
        network: (channel == SOCIAL).then(|| rng.weighted(&NETWORKS.map(|(_, share)| share))),
        device,
        phone: (device == MOBILE).then(|| rng.weighted(&PHONES.map(|(_, share)| share))),
        page,
        variant,
        pages: if bounced { 1 } else { 2 + (rng.skewed() * 2.5) as i64 },
        lead,
        shop,
        bought: shop,
    }
}

fn channel(rng: &mut Rng, day: i64) -> usize {
    let mut shares = CHANNELS.map(|channel| channel.share);
    // The newsletter leaves on Tuesdays.
    shares[EMAIL] *= if weekday(day) == 1 { 3.0 } else { 0.6 };
    if is_weekend(day) {
        shares[PAID] *= 0.7;
        shares[SOCIAL] *= 1.6;
    }
    rng.weighted(&shares)
}

/// Paid visits all belong to a campaign, most from mails do, and half of those from social networks.
fn campaign(rng: &mut Rng, channel: usize, running: &[usize]) -> Option<usize> {
    let share = match channel {
        PAID => 1.0,
        EMAIL => 0.85,
        SOCIAL => 0.5,
        _ => 0.0,
    };
    if !rng.chance(share) {
        return None;
    }
    let own: Vec<usize> = running.iter().copied().filter(|c| CAMPAIGNS[*c].channel == channel).collect();
    let weights: Vec<f64> = own.iter().map(|c| CAMPAIGNS[*c].cost as f64).collect();
    own.get(rng.weighted(&weights)).copied()
}

fn device(rng: &mut Rng, day: i64) -> usize {
    let mobile = if is_weekend(day) { 0.55 } else { 0.31 };
    rng.weighted(&[1.0 - mobile - 0.05, mobile, 0.05])
}

fn lead_probability(
    channel: usize,
    campaign: Option<usize>,
    device: usize,
    page: usize,
    variant: Option<usize>,
    day: i64,
) -> f64 {
    let device = if device == DESKTOP { 1.1 } else { 0.62 };
    let landing = if page >= FIRST_LANDING { 2.2 } else { 1.0 };
    let variant = if variant == Some(1) { 1.15 } else { 1.0 };
    let weekend = if is_weekend(day) { 0.6 } else { 1.0 };
    CHANNELS[channel].lead * campaign.map_or(1.0, |c| CAMPAIGNS[c].strength) * device * landing * variant * weekend
}

/// A new visitor, or one of the last few thousand who comes back.
fn visitor(rng: &mut Rng, visitors: &mut u32) -> u32 {
    if *visitors > 0 && rng.chance(0.32) {
        return *visitors - rng.between(0, i64::from(*visitors - 1).min(3_000)) as u32;
    }
    *visitors += 1;
    *visitors
}

/// The visits since `span.start`.
pub fn table(sessions: &[Session], span: Span) -> Table<'_> {
    let published = &sessions[sessions.partition_point(|s| s.at < span.start * SECONDS_A_DAY)..];
    Table {
        database: "web",
        name: "sessions",
        columns: &[
            ("id", Kind::Key),
            ("started_at", Kind::Moment),
            ("visitor_id", Kind::Int),
            ("channel", Kind::Text),
            ("campaign", Kind::Text),
            ("keyword", Kind::Text),
            ("network", Kind::Text),
            ("device", Kind::Text),
            ("device_model", Kind::Text),
            ("entry_page", Kind::Text),
            ("landing_page", Kind::Text),
            ("variant", Kind::Text),
            ("page_views", Kind::Int),
            ("bounced", Kind::Int),
            ("became_lead", Kind::Int),
            ("bought", Kind::Int),
        ],
        indexes: &["started_at"],
        rows: Box::new(published.iter().zip(1..).map(|(session, id)| row(session, id))),
    }
}

fn row(session: &Session, id: i64) -> Vec<Cell> {
    let page = PAGES[session.page].0;
    vec![
        Cell::Int(id),
        Cell::Moment(session.at),
        Cell::Int(i64::from(session.visitor)),
        Cell::Text(CHANNELS[session.channel].name),
        Cell::text(session.campaign.map(|c| CAMPAIGNS[c].name)),
        Cell::text(session.keyword.map(|k| KEYWORDS[k].0)),
        Cell::text(session.network.map(|n| NETWORKS[n].0)),
        Cell::Text(DEVICES[session.device]),
        Cell::text(session.phone.map(|p| PHONES[p].0)),
        Cell::Text(page),
        Cell::text((session.page >= FIRST_LANDING).then_some(page)),
        Cell::text(session.variant.map(|v| VARIANTS[v])),
        Cell::Int(session.pages),
        Cell::flag(session.pages == 1),
        Cell::flag(session.lead),
        Cell::flag(session.bought),
    ]
}

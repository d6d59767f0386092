//! What things are called at the sample company, and how each behaves.
//!
//! Names carry quotes, apostrophes, accents and emoji on purpose: whatever shows them has to survive a real company.

use super::season::{Span, is_weekend};
use super::table::date;

/// Where a visit comes from.
pub struct Channel {
    pub name: &'static str,
    /// Of all visits.
    pub share: f64,
    /// Probability that a visit ends on its first page.
    pub bounce: f64,
    /// Probability that a visit which stays leaves its contact data.
    pub lead: f64,
    /// Probability that marketing finds such a contact worth its while.
    pub qualified: f64,
}

pub const ORGANIC: usize = 0;
pub const DIRECT: usize = 1;
pub const SOCIAL: usize = 2;
pub const PAID: usize = 4;
pub const EMAIL: usize = 5;

pub const CHANNELS: [Channel; 6] = [
    Channel { name: "organic", share: 0.41, bounce: 0.44, lead: 0.060, qualified: 0.58 },
    Channel { name: "direct", share: 0.18, bounce: 0.38, lead: 0.050, qualified: 0.54 },
    Channel { name: "social", share: 0.10, bounce: 0.58, lead: 0.042, qualified: 0.36 },
    Channel { name: "referral", share: 0.08, bounce: 0.40, lead: 0.068, qualified: 0.66 },
    Channel { name: "paid", share: 0.15, bounce: 0.52, lead: 0.062, qualified: 0.44 },
    Channel { name: "email", share: 0.08, bounce: 0.33, lead: 0.064, qualified: 0.60 },
];

/// A campaign: what it costs, and how well its visits turn into contacts.
pub struct Campaign {
    pub name: &'static str,
    /// Position in [`CHANNELS`].
    pub channel: usize,
    /// Position in [`PAGES`].
    pub page: usize,
    /// Cents a day while it runs, for a company of the default scale.
    pub cost: i64,
    /// Multiplies the channel's probability of a contact.
    pub strength: f64,
    runs: Runs,
}

enum Runs {
    Always,
    /// From month to month, both included.
    Months(i8, i8),
    /// In the last weeks of the data.
    LastWeeks(i64),
}

/// The campaign that repeat orders are credited to.
pub const NEWSLETTER: usize = 3;

pub const CAMPAIGNS: [Campaign; 7] = [
    Campaign {
        name: "Válvulas \"alta presión\"",
        channel: PAID,
        page: 7,
        cost: 21_000,
        strength: 1.2,
        runs: Runs::Always,
    },
    Campaign { name: "Bombas & recambios", channel: PAID, page: 6, cost: 14_500, strength: 1.0, runs: Runs::Always },
    Campaign {
        name: "Vídeo «elige tu bomba»",
        channel: SOCIAL,
        page: 8,
        cost: 7_000,
        strength: 1.1,
        runs: Runs::Always,
    },
    Campaign { name: "Boletín técnico", channel: EMAIL, page: 6, cost: 3_500, strength: 1.0, runs: Runs::Always },
    Campaign {
        name: "L'Hospitalet: jornada técnica",
        channel: EMAIL,
        page: 7,
        cost: 9_000,
        strength: 1.4,
        runs: Runs::Months(3, 4),
    },
    Campaign {
        name: "Oferta 🔩 otoño",
        channel: SOCIAL,
        page: 6,
        cost: 6_500,
        strength: 1.3,
        runs: Runs::Months(9, 11),
    },
    // The one that fails: dear, new, and hardly anybody leaves a contact.
    Campaign {
        name: "Lanzamiento EcoFlow™ ⚡",
        channel: PAID,
        page: 9,
        cost: 26_000,
        strength: 0.06,
        runs: Runs::LastWeeks(8),
    },
];

impl Campaign {
    pub fn runs(&self, span: Span, day: i64) -> bool {
        match self.runs {
            Runs::Always => true,
            Runs::Months(first, last) => (first..=last).contains(&date(day).month()) && !is_weekend(day),
            Runs::LastWeeks(weeks) => day >= span.end - weeks * 7,
        }
    }
}

/// Entry pages with their share of the visits that no campaign sends.
pub const PAGES: [(&str, f64); 10] = [
    ("/", 0.26),
    ("/productos/válvulas", 0.16),
    ("/productos/bombas", 0.14),
    ("/blog/mantenimiento-preventivo", 0.13),
    ("/tienda", 0.19),
    ("/contacto", 0.04),
    ("/lp/catálogo", 0.03),
    ("/lp/presupuesto", 0.03),
    ("/lp/guía-bombas", 0.02),
    ("/lp/ecoflow", 0.0),
];

pub const SHOP: usize = 4;
/// Pages from here on are landing pages.
pub const FIRST_LANDING: usize = 6;
/// The landing page whose A/B test began [`AB_DAYS`] ago: too few visits to say anything yet.
pub const AB_PAGE: usize = 7;
pub const AB_DAYS: i64 = 12;
pub const VARIANTS: [&str; 2] = ["A", "B"];

/// Search terms with their share; a search engine hides most of them.
pub const KEYWORDS: [(&str, f64); 10] = [
    ("(no disponible)", 0.34),
    ("válvula de bola acero inoxidable", 0.13),
    ("bomba centrífuga precio", 0.12),
    ("proveedor válvulas industriales", 0.09),
    ("recambios bomba", 0.08),
    ("qué es una válvula antirretorno", 0.07),
    ("bomba sumergible 1\"", 0.06),
    ("juntas tóricas baratas", 0.05),
    ("caudalímetro O'Brien", 0.03),
    ("mantenimiento bombas pdf", 0.03),
];

pub const NETWORKS: [(&str, f64); 4] = [("LinkedIn", 0.52), ("Instagram", 0.2), ("YouTube", 0.2), ("X", 0.08)];

pub const DESKTOP: usize = 0;
pub const MOBILE: usize = 1;
pub const DEVICES: [&str; 3] = ["desktop", "mobile", "tablet"];

/// Mobile phones with their share.
pub const PHONES: [(&str, f64); 7] = [
    ("iPhone 16", 0.17),
    ("iPhone 15", 0.18),
    ("Galaxy S24", 0.15),
    ("Galaxy A54", 0.19),
    ("Redmi Note 13", 0.16),
    ("Pixel 8", 0.05),
    ("(otros)", 0.1),
];

/// A stage of a deal, with the days it takes and the probability that it ends there.
pub struct Stage {
    pub name: &'static str,
    pub days: (i64, i64),
    pub loss: f64,
    /// How often each of [`REASONS`] is why.
    pub reasons: [f64; 5],
}

pub const STAGES: [Stage; 3] = [
    Stage { name: "diagnóstico", days: (2, 12), loss: 0.26, reasons: [0.1, 0.1, 0.4, 0.4, 0.0] },
    Stage { name: "propuesta", days: (4, 22), loss: 0.34, reasons: [0.4, 0.25, 0.15, 0.15, 0.05] },
    Stage { name: "negociación", days: (3, 18), loss: 0.24, reasons: [0.45, 0.2, 0.05, 0.05, 0.25] },
];

pub const REASONS: [&str; 5] = ["precio", "competencia", "sin presupuesto", "sin respuesta", "plazo de entrega"];

//! What attached files say, in the reader's words.

use super::Reader;
use crate::calendar::Period;
use crate::measure::{Comparison, Good, Kpi, Unit, Verdict, Why};
use crate::render::attach::{Heading, Wording};

impl Wording for Reader<'_> {
    fn languages(&self) -> [&str; 2] {
        self.languages
    }

    fn heading(&self, heading: Heading) -> String {
        self.texts.word(match heading {
            Heading::Kpi => "column-kpi",
            Heading::Value => "column-value",
            Heading::Target => "column-target",
            Heading::Verdict => "column-verdict",
            Heading::Note => "sheet-notes",
            Heading::Definitions => "sheet-definitions",
            Heading::Data => "sheet-data",
            Heading::Period => "data-period",
            Heading::From => "data-from",
            Heading::Until => "data-until",
            Heading::Id => "data-id",
            Heading::Dimension => "data-dimension",
            Heading::Segment => "column-segment",
            Heading::Unit => "data-unit",
            Heading::TargetLow => "data-target-low",
            Heading::TargetHigh => "data-target-high",
            Heading::Sample => "column-sample",
            Heading::Description => "glossary-definition",
            Heading::Formula => "glossary-formula",
            Heading::Good => "data-good",
            Heading::Owner => "glossary-owner",
            Heading::Sources => "glossary-sources",
            Heading::AsOf => "data-as-of",
        })
    }

    fn against(&self, comparison: Comparison) -> String {
        self.versus(comparison)
    }

    fn verdict(&self, verdict: &Verdict) -> String {
        self.texts.verdict(verdict)
    }

    fn why(&self, why: &Why) -> String {
        match why {
            Why::Missing(reason) => self.reason(reason),
            why => self.texts.not_judged(why, self.format),
        }
    }

    fn late(&self) -> String {
        self.texts.word("late")
    }

    fn unit(&self, unit: &Unit) -> String {
        self.texts.unit(unit, self.format.currency())
    }

    fn good(&self, good: Good) -> String {
        self.texts.word(match good {
            Good::Up => "good-up",
            Good::Down => "good-down",
            Good::Neutral => "good-neutral",
        })
    }

    fn empty(&self) -> String {
        self.texts.word("segment-empty")
    }

    fn others(&self, count: usize) -> String {
        self.texts.say("others", &[("count", self.format.count(count))])
    }

    fn formula(&self, kpi: &Kpi) -> String {
        kpi.formula.in_words(|input| self.input(input), |name, parts| self.texts.function(name, parts))
    }

    fn period(&self, period: &Period) -> String {
        self.dates.period(period, &self.report.calendar)
    }
}

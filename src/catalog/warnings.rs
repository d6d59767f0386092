//! The registry of warnings: every rule has a code that never changes, and an explanation for people.
//!
//! The table below says which rules there are and when each can be found; what a rule means, why it matters and what is right
//! instead stands in `warnings.md`, a section a code, which `kpid help W012` prints. A test breaks and mends every example in it.
//! Deliberately absent: the looking itself, which is where the thing looked at is read.

/// A rule that warnings come from.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `W012`: shown with each warning, and written where one is allowed.
    pub code: &'static str,
    pub found: Found,
}

/// What must be known to find a breach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    /// The YAML alone.
    Reading,
    /// Today's date as well.
    Today,
    /// What the databases answer.
    Connected,
}

const EXPLANATIONS: &str = include_str!("warnings.md");

macro_rules! rules {
    ($($name:ident $code:literal $found:ident,)*) => {
        $(pub static $name: Rule = Rule { code: $code, found: Found::$found };)*
        static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    NO_SETTINGS "W001" Reading,
    NO_MAIL "W002" Reading,
    PLAIN_PASSWORD "W003" Reading,
    SECRET_MODE "W004" Reading,
    MISSING_LANGUAGE "W005" Reading,
    DUPLICATE_ADDRESS "W006" Reading,
    DUPLICATE_KPI "W007" Reading,
    SHORT_MONTHS "W008" Reading,
    NO_PERIOD "W009" Reading,
    CLOCK "W010" Reading,
    FOREIGN_DAYS "W011" Reading,
    SHARE_ABOVE_ONE "W012" Reading,
    ONE_SEGMENT "W013" Reading,
    UNKNOWN_CODE "W014" Reading,
    NO_REASON "W015" Reading,
    NOTHING_ALLOWED "W016" Reading,
    THOUSANDS "W017" Reading,
    UNUSED_SOURCE "W020" Reading,
    UNUSED_DATABASE "W021" Reading,
    UNREPORTED_KPI "W022" Reading,
    UNREACHED_PERSON "W023" Reading,
    UNUSED_GROUP "W024" Reading,
    WIDE_NEAR "W025" Reading,
    NEAR_ZERO "W026" Reading,
    SHORT_TREND "W027" Reading,
    SAME_EDITION "W028" Reading,
    NEVER_READ "W029" Reading,
    MIXED_CURRENCIES "W030" Reading,
    UNCANCELLED "W031" Reading,
    MIXED_TIMES "W032" Reading,
    MIXED_KINDS "W033" Reading,
    RATES_ADDED "W034" Reading,
    OTHER_UNIT "W035" Reading,
    UNSAID_UNIT "W036" Reading,
    TIMES_100 "W037" Reading,
    SAMPLE "W038" Reading,
    TARGET_UNIT "W039" Reading,
    DISTINCT_SUMMED "W040" Reading,
    AVERAGE_SUMMED "W041" Reading,
    OLD_TARGET "W050" Today,
    TARGET_AHEAD "W051" Today,
    ROLE_MAY_WRITE "W060" Connected,
    OUT_OF_REACH "W061" Connected,
    DAYS_DONT_ADD_UP "W062" Connected,
}

impl Rule {
    /// In the order of their codes.
    pub fn all() -> impl Iterator<Item = &'static Rule> {
        ALL.iter().copied()
    }

    /// The rule of that code, in either case.
    pub fn of_code(code: &str) -> Option<&'static Rule> {
        Rule::all().find(|rule| rule.code.eq_ignore_ascii_case(code))
    }

    /// In a few words: "a target above the whole".
    pub fn title(&self) -> &'static str {
        self.section().split_once('\n').map_or("", |(heading, _)| heading.trim())
    }

    /// What it means, an example of wrong and one of right, in Markdown.
    pub fn explanation(&self) -> &'static str {
        self.section().split_once('\n').map_or("", |(_, rest)| rest.trim())
    }

    /// From behind the code in its heading to the next heading.
    fn section(&self) -> &'static str {
        let rest = EXPLANATIONS.split_once(&format!("\n## {} ", self.code)).map_or("", |(_, rest)| rest);
        rest.split_once("\n## ").map_or(rest, |(section, _)| section)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_explained_and_every_explanation_has_its_rule() {
        let explained: Vec<&str> = EXPLANATIONS.lines().filter_map(|line| line.strip_prefix("## ")?.get(..4)).collect();
        let codes: Vec<&str> = Rule::all().map(|rule| rule.code).collect();
        assert_eq!(explained, codes);
        assert!(codes.is_sorted(), "{codes:?}");
        for rule in Rule::all() {
            assert!(!rule.title().is_empty() && rule.explanation().len() > 100, "{}", rule.code);
            assert_eq!(rule.explanation().matches("```yaml").count(), 2, "{}: one wrong, one right", rule.code);
        }
    }
}

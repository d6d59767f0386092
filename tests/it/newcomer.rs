//! Somebody of marketing, on the first day with kpid: from an empty folder under git to a mail with a KPI of their own, by the real program
//! and by nothing but what it says. Each chapter leaves the folder as the next one finds it.

mod look;
mod mistakes;
mod proof;

use crate::cli::Ran;
use crate::installation::Folder;
use crate::{diff, servers, starter};
use mistakes::Said;
use sqlx::{Connection, SqliteConnection};

/// A source, and a KPI over it with three mistakes: a dimension that is none, a unit that is none, and nothing about which way is better.
const PROSPECTS: &str = "\
# yaml-language-server: $schema=.kpid.schema.json
sources:
  prospects:
    database: shop
    sql: |
      SELECT date(created_at) AS day, channel, count(*) AS created
      FROM leads
      WHERE created_at >= :start AND created_at < :end
      GROUP BY 1, 2
    time: day
    dimensions: [channel]
    measures: [created]
kpis:
  revenue_per_lead:
    name: Ingresos por lead
    formula: shop.revenue / prospects.created
    breakdown: chanel
    unit: eurs
";

struct Newcomer {
    folder: Folder,
}

#[tokio::test]
async fn newcomer_gets_from_an_empty_folder_to_a_mail_by_what_kpid_says() {
    if !servers::has("git", &["--version"]) {
        return;
    }
    let newcomer = Newcomer::begin();
    newcomer.makes_three_mistakes_and_mends_them();
    newcomer.puts_the_kpi_into_the_report();
    let week = newcomer.looks_at_the_report_while_editing().await;
    newcomer.proves_the_kpi_on_rows();
    newcomer.shows_what_changed();
    newcomer.explains_it_to_others();
    newcomer.sends_a_mail_to_try(&week);
}

impl Newcomer {
    fn begin() -> Newcomer {
        let newcomer = Newcomer { folder: Folder::new() };
        newcomer.done(&["init", "--engine", "sqlite", "--language", "es", "--currency", "EUR"]);
        for args in [&["init", "-q", "-b", "main"][..], &["add", "."], &["commit", "-q", "-m", "kpid init"]] {
            diff::git(newcomer.folder.path(), args);
        }
        newcomer
    }

    fn kpid(&self, args: &[&str]) -> Ran {
        starter::kpid(self.folder.path(), &[], args)
    }

    /// The same, to its good end.
    fn done(&self, args: &[&str]) -> Ran {
        starter::done(self.folder.path(), &[], args)
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(file)).unwrap()
    }

    /// Saves the file with `from` replaced, which must be in it once.
    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
        self.folder.write(file, &text.replace(from, to));
    }

    fn makes_three_mistakes_and_mends_them(&self) {
        self.folder.write("kpis/prospects.yaml", PROSPECTS);
        let [good, dimension, unit] = &self.errors()[..] else { panic!("three mistakes") };
        let said = |error: &Said, place: &str, message: &str| {
            assert_eq!((&*error.place(), &*error.message), (place, message));
        };
        said(dimension, "kpis/prospects.yaml:17:16", "unknown dimension `chanel` of `revenue_per_lead` [unknown-name]");
        assert_eq!(dimension.suggestion(), Some("channel"));
        self.mend(dimension, "channel");

        let [_, unit_still] = &self.errors()[..] else { panic!("two are left") };
        assert_eq!(unit_still, unit);
        said(unit, "kpis/prospects.yaml:18:11", "unknown unit `eurs` [unknown-name]");
        assert!(unit.help.starts_with("units are `count`") && unit.help.contains("`currency`"), "{}", unit.help);
        self.mend(unit, "currency");

        let [good_still] = &self.errors()[..] else { panic!("one is left") };
        assert_eq!(good_still, good);
        said(good, "kpis/prospects.yaml:14:3", "a KPI needs `good` [missing-key]");
        assert_eq!(good.help, "`good`: which way is better: `up`, `down` or `neutral`");
        self.add_below(good, "good: up");
        self.done(&["check"]);
    }

    fn puts_the_kpi_into_the_report(&self) {
        let ran = self.kpid(&["check", "--deny-warnings"]);
        assert_eq!(ran.code, 2, "{}", ran.out);
        let [orphan] = &mistakes::read(&ran.err)[..] else { panic!("{}", ran.err) };
        assert_eq!(orphan.place(), "kpis/prospects.yaml:14:3");
        assert!(orphan.message.ends_with("is in no report, and no other KPI uses it [W022]"), "{}", orphan.message);
        assert_eq!(orphan.help, "list it in a section of a report, or remove it");
        assert!(self.done(&["help", "W022"]).out.contains("W022"));
        self.edit("kpis/reports.yaml", "[revenue, average_order]", "[revenue, average_order, revenue_per_lead]");
        let ran = self.done(&["check", "--deny-warnings"]);
        assert_eq!(ran.err, "");
        assert!(ran.out.starts_with("5 KPIs, 2 sources, 1 database, 1 report, 1 person: all right\n"), "{}", ran.out);
    }

    /// What the databases hold, asked past kpid: revenue per lead of the days from `first` to `last`.
    async fn revenue_per_lead(&self, first: &str, last: &str) -> f64 {
        let path = self.folder.path().join("kpis/sample.db");
        let mut sample = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
        let of = "SELECT (SELECT sum(revenue) FROM shop_days WHERE day BETWEEN ?1 AND ?2) * 1.0
            / (SELECT count(*) FROM leads WHERE date(created_at) BETWEEN ?1 AND ?2)";
        sqlx::query_scalar(of).bind(first).bind(last).fetch_one(&mut sample).await.unwrap()
    }
}

/// As the Spanish mail writes it, without its currency.
fn written(value: f64) -> String {
    format!("{value:.2}").replace('.', ",")
}

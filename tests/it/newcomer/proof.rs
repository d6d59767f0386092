//! What makes others trust the change: a test of it, what it changes, a page about it, and a mail to oneself.

use super::Newcomer;
use crate::junit;
use crate::mail::python::Python;
use serde_json::Value as Json;

const TEST: &str = "\
tests:
  nine_leads:
    period: 2026-W46
    rows:
      shop:
        - { day: 2026-11-09, channel: ads, revenue: 900 }
      prospects:
        - { day: 2026-11-09, channel: ads, created: 6 }
        - { day: 2026-11-15, channel: email, created: 3 }
    expect:
      revenue_per_lead: 90
";

impl Newcomer {
    pub fn proves_the_kpi_on_rows(&self) {
        let with_test = self.read("kpis/prospects.yaml") + TEST;
        self.folder.write("kpis/prospects.yaml", &with_test);
        let ran = self.kpid(&["test", "--junit", "report.xml"]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        let expected = "kpis/prospects.yaml:30: revenue_per_lead in nine_leads: value: expected 90, got 100
    revenue_per_lead = shop.revenue / prospects.created
      shop.revenue       2026-W46  900
      prospects.created  2026-W46  9

3 passed, 1 failed, 2 KPIs without tests (`kpid test --untested` lists them)
";
        assert_eq!(ran.out, expected);
        assert_eq!(self.failures(), ["value: expected 90, got 100"]);
        self.edit("kpis/prospects.yaml", "revenue_per_lead: 90", "revenue_per_lead: 100");
        let ran = self.done(&["test", "--junit", "report.xml"]);
        assert!(ran.out.starts_with("4 passed, 0 failed"), "{}", ran.out);
        assert!(self.failures().is_empty());
    }

    /// What the report for CI servers says of four tests.
    fn failures(&self) -> Vec<Json> {
        let all = junit::read(&self.folder.path().join("report.xml"));
        assert_eq!(all.iter().filter(|(tag, ..)| tag == "testcase").count(), 4);
        let failures = all.into_iter().filter(|(tag, ..)| tag == "failure");
        failures.map(|(_, mut attributes, _)| attributes["message"].take()).collect()
    }

    pub fn shows_what_changed(&self) {
        let text = self.done(&["diff"]).out;
        assert!(text.contains("\n1 KPI is new, 1 report changes, 1 source is new\n"), "{text}");
        assert!(text.contains("\n+ KPI revenue_per_lead\n  + name: Ingresos por lead\n"), "{text}");
        let report = "\n~ report weekly\n  ~ title: La semana de la tienda → Los leads de la semana\n";
        assert!(text.contains(report) && text.contains("\n  + KPI (revenue_per_lead): in Ventas\n"), "{text}");
        let markdown = self.done(&["diff", "HEAD", "--format", "markdown"]).out;
        assert!(markdown.starts_with("### KPIs: 1 KPI is new, 1 report changes, 1 source is new\n"), "{markdown}");
        for row in ["| KPI | `revenue_per_lead` | added |", "| report | `weekly` | changed |"] {
            assert!(markdown.contains(row), "{row} in {markdown}");
        }
    }

    pub fn explains_it_to_others(&self) {
        self.done(&["docs", "-o", "site"]);
        let page = self.read("site/kpi/revenue_per_lead.html");
        for text in
            ["<html lang=\"es\"", "Ingresos por lead", "<code>prospects.yaml:14</code>", "Los leads de la semana"]
        {
            assert!(page.contains(text), "{text} in {page}");
        }
        assert!(self.read("site/index.html").contains("kpi/revenue_per_lead.html"));
    }

    pub fn sends_a_mail_to_try(&self, week: &str) {
        let measured = self.done(&["measure", "revenue_per_lead", "--period", week, "--json"]).out;
        let measured: Json = serde_json::from_str(&measured).unwrap();
        let value = super::written(measured["kpis"][0]["value"].as_f64().unwrap());
        let ran = self.done(&["send", "weekly", "--to", "ana@example.com", "--period", week]);
        assert!(ran.out.starts_with("weekly for ana@example.com is written to "), "{}", ran.out);
        let mails = std::fs::read_dir(self.folder.path().join("kpis/mails")).unwrap();
        let [mail] = &mails.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()[..] else { panic!("one mail") };
        self.reads(&std::fs::read(mail).unwrap(), &value);
        // A mail by hand takes no scheduled report's place.
        let runs = self.kpid(&["runs"]);
        assert_eq!((runs.code, runs.out.as_str()), (2, ""));
        assert!(runs.err.starts_with("error: no daemon has run here yet: there is no store\n"), "{}", runs.err);
        assert!(!self.folder.path().join("kpis/kpid.db").exists());
    }

    fn reads(&self, mail: &[u8], value: &str) {
        let Some(mut python) = Python::start() else { return };
        let message = python.read(mail);
        assert_eq!(message.all("To"), ["ana@example.com"]);
        assert!(message.all("Subject")[0].starts_with("Los leads de la semana · "), "{:?}", message.headers);
        let texts: Vec<_> = message.walk().into_iter().filter(|part| part.kind.starts_with("text/")).collect();
        assert_eq!(texts.len(), 2);
        for text in texts.iter().map(|part| part.text()) {
            assert!(text.contains("Ingresos por lead") && text.contains(value), "{value} in {text}");
        }
    }
}

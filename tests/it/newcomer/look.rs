//! `kpid preview` beside the editor: the report follows each save, and a broken one is told where it broke.

use super::{Newcomer, written};
use crate::preview::command::Preview;
use crate::web::client::{Events, say};
use serde_json::Value as Json;

impl Newcomer {
    /// Gives the week that the report is about.
    pub async fn looks_at_the_report_while_editing(&self) -> String {
        let preview = Preview::start(self.folder.path(), "", &["weekly", "--listen", "127.0.0.1:0"]);
        let at = preview.url.strip_prefix("http://").unwrap().split('/').next().unwrap();
        let mut events = Events::listen(at, "/api/events").await;
        assert_eq!(events.next().await, r#"{"generation":1}"#);
        let week = self.sees_the_kpi(at).await;

        self.edit("kpis/reports.yaml", "title: La semana de la tienda", "title: Los leads de la semana");
        assert_eq!(events.next().await, r#"{"generation":2}"#);
        let mail = get(at, "/mail/weekly").await;
        assert!(mail.contains("Los leads de la semana") && !mail.contains("La semana de la tienda"), "{mail}");

        self.edit("kpis/prospects.yaml", "    formula:", "   formula:");
        assert_eq!(events.next().await, r#"{"generation":3}"#);
        sees_the_problem(at).await;
        self.edit("kpis/prospects.yaml", "   formula:", "    formula:");
        assert_eq!(events.next().await, r#"{"generation":4}"#);
        let state = json(at, "/api/state").await;
        assert_eq!((&state["broken"], &state["problems"]), (&false.into(), &Json::Array(Vec::new())));
        week
    }

    async fn sees_the_kpi(&self, at: &str) -> String {
        let told = json(at, "/api/report/weekly").await;
        let week = told["period"].as_str().unwrap();
        let days = told["periods"].as_array().unwrap().iter().find(|period| period["label"] == week).unwrap();
        let value = self.revenue_per_lead(days["first"].as_str().unwrap(), days["last"].as_str().unwrap()).await;
        let row = told["rows"].as_array().unwrap().iter().find(|row| row["id"] == "revenue_per_lead").unwrap();
        assert_eq!(row["name"], "Ingresos por lead");
        assert_eq!(row["value"].as_str().unwrap().split('\u{a0}').next(), Some(&*written(value)), "{row}");
        let mail = get(at, "/mail/weekly").await;
        for text in ["Ingresos por lead", &written(value), "La semana de la tienda"] {
            assert!(mail.contains(text), "{text} in {mail}");
        }
        week.to_owned()
    }
}

/// With its place and what to do; the report stays as it was.
async fn sees_the_problem(at: &str) {
    let state = json(at, "/api/state").await;
    assert_eq!(state["broken"], true);
    let [problem] = &state["problems"].as_array().unwrap()[..] else { panic!("{state}") };
    let place = (problem["file"].as_str(), problem["line"].as_u64(), problem["column"].as_u64());
    assert_eq!(place, (Some("kpis/prospects.yaml"), Some(17), Some(4)), "{problem}");
    assert_eq!(problem["help"], "begin this key in the same column as its neighbours");
    assert!(problem["snippet"].as_str().unwrap().contains("   formula: shop.revenue / prospects.created"), "{problem}");
    assert!(get(at, "/mail/weekly").await.contains("Ingresos por lead"));
}

async fn get(at: &str, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    let answer = say(at, request.as_bytes()).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body
}

async fn json(at: &str, path: &str) -> Json {
    serde_json::from_str(&get(at, path).await).unwrap()
}

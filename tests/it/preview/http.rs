//! What the page asks for, and who may not ask.

use super::{edit, installation, studio};
use crate::web::client::{Answer, Events, say};
use kpid::preview::serve;
use serde_json::Value as Json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::installation::Folder;

/// A preview that is served until it is dropped.
struct Served {
    folder: Folder,
    at: String,
    task: JoinHandle<std::io::Result<()>>,
}

impl Served {
    async fn new() -> Served {
        let (folder, url) = installation().await;
        Served::over(folder, url).await
    }

    /// With the database at `url`.
    async fn over(folder: Folder, url: String) -> Served {
        let studio = studio(&folder, &url).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap().to_string();
        Served { folder, at, task: tokio::spawn(serve(listener, studio)) }
    }

    async fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
        say(&self.at, request.as_bytes()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &format!("Host: {}\r\n", self.at)).await
    }

    async fn json(&self, path: &str) -> Json {
        let answer = self.get(path).await;
        assert_eq!(answer.header("content-type"), Some("application/json"), "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[tokio::test]
async fn a_name_that_leads_here_is_refused() {
    let served = Served::new().await;
    for path in ["/", "/api/state", "/mail/weekly"] {
        let answer = served.ask("GET", path, "Host: rebound.example:8322\r\n").await;
        assert_eq!(answer.status, 421, "{path}");
        assert_eq!(answer.body, "this page is for this machine: open it by its address or as localhost\n");
    }
    assert_eq!(served.ask("GET", "/", "Host: localhost:1\r\n").await.status, 200);
}

#[tokio::test]
async fn only_the_page_itself_may_ask_for_a_refresh() {
    let served = Served::new().await;
    let host = format!("Host: {}\r\nContent-Length: 0\r\n", served.at);
    for origin in ["", "Origin: http://evil.example\r\n", "Origin: null\r\n"] {
        let answer = served.ask("POST", "/api/refresh", &format!("{host}{origin}")).await;
        assert_eq!(answer.status, 403, "{origin}");
    }
    let ours = format!("{host}Origin: http://{}\r\n", served.at);
    assert_eq!(served.ask("POST", "/api/refresh", &ours).await.status, 204);
    assert_eq!(served.json("/api/state").await["generation"], 2);
}

#[tokio::test]
async fn a_page_from_elsewhere_cannot_make_a_browser_ask_databases() {
    let served = Served::new().await;
    let ask = async |path: &str, site: &str| {
        let headers = format!("Host: {}\r\nSec-Fetch-Site: {site}\r\n", served.at);
        served.ask("GET", path, &headers).await
    };
    for path in
        ["/api/state", "/api/events", "/api/report/weekly", "/mail/weekly", "/api/kpi/leads_total?report=weekly"]
    {
        for site in ["cross-site", "same-site"] {
            let answer = ask(path, site).await;
            assert_eq!(
                (answer.status, &*answer.body),
                (403, "only the page itself may ask for that\n"),
                "{path} {site}"
            );
        }
    }
    assert_eq!(served.json("/api/state").await["queries"]["asked"], 0);
    assert_eq!(ask("/", "cross-site").await.status, 200, "a link leads to it");
    assert_eq!(ask("/assets/preview.js", "cross-site").await.status, 200);
    assert_eq!(ask("/mail/weekly", "same-origin").await.status, 200, "its frame");
    assert_eq!(ask("/mail/weekly", "none").await.status, 200, "opened by hand");
}

#[tokio::test]
async fn nothing_is_loaded_from_elsewhere_kept_or_run_in_a_mail() {
    let served = Served::new().await;
    let page = served.get("/").await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    let mail = served.get("/mail/weekly?to=ana").await;
    let policy = mail.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'; img-src data:"), "{policy}");
    assert!(policy.ends_with("sandbox allow-same-origin"), "{policy}");
    for answer in [page, mail, served.get("/api/state").await, served.get("/assets/preview.js").await] {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    assert_eq!(served.get("/assets/nothing.js").await.status, 404);
}

#[tokio::test]
async fn no_url_and_no_password_is_told() {
    let (folder, _) = installation().await;
    // Nobody listens there: what the driver says of it reaches the page.
    let served = Served::over(folder, "postgres://ana:c4n4ry@127.0.0.1:1/crm".to_owned()).await;
    let paths = ["/api/state", "/api/report/weekly?to=ana", "/api/kpi/leads_total?report=weekly", "/mail/weekly"];
    let silent = async || {
        for path in paths {
            let answer = served.get(path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            for secret in ["s3cr3t", "c4n4ry", "postgres://"] {
                assert!(!answer.body.contains(secret), "{path}: {}", answer.body);
            }
        }
    };
    silent().await;
    let mut events = Events::listen(&served.at, "/api/events").await;
    assert_eq!(events.next().await, r#"{"generation":1}"#);
    edit(&served.folder, "database: crm", "database: crn");
    assert_eq!(events.next().await, r#"{"generation":2}"#);
    silent().await;
    let (state, report) = (served.json("/api/state").await, served.json("/api/report/weekly").await);
    assert!(state["broken"] == true && state.to_string().contains("database: crn"), "{state}");
    assert_eq!(report["failures"].as_array().unwrap().len(), 2, "{report}");
}

#[tokio::test]
async fn a_report_is_told_as_its_reader_gets_it() {
    let served = Served::new().await;
    let told = served.json("/api/report/weekly?to=ana").await;
    assert!(told["subject"].as_str().unwrap().starts_with("Cifras de la semana"), "{}", told["subject"]);
    assert_eq!(told["kpis"], serde_json::json!(["leads_total", "cost_per_lead"]));
    let row = serde_json::json!({ "id": "leads_total", "name": "Contactos", "value": "12", "verdict": "met" });
    assert_eq!(told["rows"][0], row);
    assert_eq!(told["period"], "2026-W46");
    let periods: Vec<&str> = told["periods"].as_array().unwrap().iter().map(|p| p["label"].as_str().unwrap()).collect();
    assert_eq!(periods[..3], ["2026-W47", "2026-W46", "2026-W45"]);
    assert_eq!((&told["periods"][0]["running"], &told["periods"][1]["running"]), (&true.into(), &false.into()));
    assert!(told["text"].as_str().unwrap().contains("Contactos") && told["bytes"].as_u64().unwrap() > 1000);
    let english = served.json("/api/report/weekly?to=tom&period=2026-W45").await;
    assert!(english["subject"].as_str().unwrap().starts_with("Weekly figures"), "{}", english["subject"]);
    assert_eq!(english["rows"][0]["value"], "4");
}

#[tokio::test]
async fn what_there_is_not_is_a_problem_in_words() {
    let served = Served::new().await;
    let unknown = |path: &'static str, message: &'static str| {
        let served = &served;
        async move {
            let answer = served.get(path).await;
            assert_eq!(answer.status, 404, "{path}");
            let told: Json = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(told["problems"][0]["message"], message);
        }
    };
    unknown("/api/report/weakly", "there is no report `weakly`").await;
    unknown("/api/report/weekly?to=nobody", "there is no person `nobody`").await;
    unknown("/api/report/weekly?period=last", "`last` is no period; accepted: 2026-W46 (week), 2026-10 (month), 2026-Q3 (quarter), 2026 (year), 2026-11-16 (day), of the years 1900 to 2999").await;
    unknown("/api/kpi/nothing?report=weekly", "there is no KPI in the report `nothing`").await;
}

#[tokio::test]
async fn every_save_is_an_event() {
    let served = Served::new().await;
    let mut events = Events::listen(&served.at, "/api/events").await;
    assert_eq!(events.next().await, r#"{"generation":1}"#);
    edit(&served.folder, "target: 10", "target: 12");
    assert_eq!(events.next().await, r#"{"generation":2}"#);
    edit(&served.folder, "formula:", "formla:");
    assert_eq!(events.next().await, r#"{"generation":3}"#);
    assert_eq!(served.json("/api/state").await["broken"], true);
}

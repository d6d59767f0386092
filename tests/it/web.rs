//! The web from outside, over real sockets: what it tells, to whom it doesn't, and what it takes to wear it down.

pub mod client;
mod limits;
mod metrics;
mod openmetrics;
mod unsubscribe;

use client::{Answer, get, post, say};
use jiff::{SignedDuration, Timestamp};
use kpid::outbox::InstallId;
use kpid::text::Name;
use kpid::web::link::{self, Link};
use kpid::web::{Board, Site, Unsubscribe};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const NOW: Timestamp = Timestamp::constant(1_795_000_000, 0);

/// A web that listens, and who was taken off which report.
struct Web {
    at: String,
    board: Board,
    stopped: Arc<Mutex<Vec<(String, Name)>>>,
    stop: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

impl Web {
    async fn start() -> Web {
        let stopped = Arc::<Mutex<Vec<_>>>::default();
        let list = Arc::clone(&stopped);
        let suppress = move |link: Link| {
            list.lock().unwrap().push((link.recipient, link.report));
            async { Ok(()) }
        };
        let title = |link: &Link| format!("<b>{}</b> & co", link.report);
        let web = Web::serving(Some(Unsubscribe::new(install(), title, suppress))).await;
        Web { stopped, ..web }
    }

    async fn serving(unsubscribe: Option<Unsubscribe>) -> Web {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let board = Board::new(NOW);
        let (stop, stopped) = oneshot::channel();
        let site = Site { board: board.clone(), clock: || NOW, unsubscribe };
        let done = tokio::spawn(kpid::web::serve(listener, site, async {
            stopped.await.unwrap();
        }));
        Web { at, board, stopped: Arc::default(), stop, done }
    }

    fn stopped(&self) -> Vec<(String, Name)> {
        self.stopped.lock().unwrap().clone()
    }
}

fn install() -> InstallId {
    InstallId::new([7; 32])
}

fn wish() -> Link {
    Link {
        run: "mzxw6ytbmzxw6ytb".to_owned(),
        report: "weekly".into(),
        recipient: "ana@example.com".to_owned(),
        language: "es".into(),
        expires: NOW + link::LIFE,
    }
}

fn path(link: &Link) -> String {
    format!("/u/{}", link::sign(link, &install()))
}

fn missing() -> String {
    "not found\n".to_owned()
}

/// E-10
#[tokio::test]
async fn every_answer_is_guarded() {
    let web = Web::start().await;
    let good = path(&wish());
    let mut answers = Vec::new();
    for path in ["/metrics", "/healthz", "/readyz", "/", "/u/x", &good] {
        answers.push(get(&web.at, path).await);
        answers.push(post(&web.at, path, "").await);
    }
    answers.push(post(&web.at, &good, &"x".repeat(20_000)).await);
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 405, 200, 405, 503, 405, 404, 404, 404, 404, 200, 200, 413]);
    for answer in &answers {
        let is = |name, value| assert_eq!(answer.header(name), Some(value), "{answer:?}");
        let csp = answer.header("content-security-policy").unwrap();
        assert!(csp.starts_with("default-src 'none'; ") && csp.contains("frame-ancestors 'none'"), "{csp}");
        is("x-content-type-options", "nosniff");
        is("referrer-policy", "no-referrer");
        is("cache-control", "private, no-store");
        is("x-robots-tag", "noindex");
        is("connection", "close");
        assert_eq!((answer.header("set-cookie"), answer.header("server")), (None, None));
    }
}

/// ML-8, ML-9
#[tokio::test]
async fn whatever_is_not_there_is_the_same_404() {
    let web = Web::start().await;
    let nothing = get(&web.at, "/").await;
    assert_eq!((nothing.status, &nothing.body), (404, &missing()));
    let expired = path(&Link { expires: NOW, ..wish() });
    let foreign = format!("/u/{}", link::sign(&wish(), &InstallId::new([8; 32])));
    let (good, long) = (path(&wish()), format!("/u/{}", "A".repeat(8000)));
    let [cut, longer] = [&good[..good.len() - 1], &format!("{good}A")].map(str::to_owned);
    let paths =
        ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/u", "/u/", "/u/x", "/u/%ff", "/u/x/y", "//metrics"];
    let paths = paths.iter().map(|path| (*path).to_owned());
    for path in paths.chain([expired, foreign, cut, longer, long, "/templates/".to_owned(), good.to_uppercase()]) {
        assert_eq!(get(&web.at, &path).await, nothing, "GET {path}");
        assert_eq!(post(&web.at, &path, "List-Unsubscribe=One-Click").await, nothing, "POST {path}");
    }
    assert_eq!(web.stopped(), []);
}

/// A20, DS-2, CK-8
#[tokio::test]
async fn health_says_what_is_wrong_one_reason_a_line() {
    let web = Web::start().await;
    let both = async || (get(&web.at, "/healthz").await, get(&web.at, "/readyz").await);
    let says = |answer: &Answer, status, body: &str| assert_eq!((answer.status, &*answer.body), (status, body));
    let (alive, ready) = both().await;
    says(&alive, 200, "ok\n");
    says(&ready, 503, "no configuration is loaded yet\nthe store has taken no write yet\n");
    web.board.reloaded(Some("3f9a"), NOW);
    web.board.store_wrote(true, NOW - SignedDuration::from_secs(20));
    web.board.planner_ran(NOW - SignedDuration::from_secs(59));
    let (alive, ready) = both().await;
    says(&alive, 200, "ok\n");
    says(&ready, 200, "ok\n");
    web.board.store_wrote(false, NOW);
    web.board.planner_ran(NOW - SignedDuration::from_secs(61));
    web.board.clock_skew(SignedDuration::from_secs(-31));
    web.board.planning_held(Some("the clock jumped"));
    let (alive, ready) = both().await;
    says(&alive, 503, "the planner has not run for 61 s\n");
    says(
        &ready,
        503,
        "the store has refused writes for 20 s: the log says why\n\
         this node's clock is 31.0 s off that of the store\nplanning is held: the clock jumped\n",
    );
    let json = b"GET /healthz HTTP/1.1\r\nHost: kpid\r\nAccept: application/json\r\n\r\n";
    let answer = say(&web.at, json).await;
    says(&answer, 503, r#"{"ok":false,"reasons":["the planner has not run for 61 s"]}"#);
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

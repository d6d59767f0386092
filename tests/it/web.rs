//! The web from outside, over real sockets: what it tells, to whom it doesn't, and what it takes to wear it down.

mod client;
mod openmetrics;

use client::{Answer, get, listen, post, say};
use jiff::{SignedDuration, Timestamp};
use kpid::outbox::{DeliveryState, InstallId, RunState};
use kpid::text::Name;
use kpid::web::link::{self, Link};
use kpid::web::{Board, Site, Stats, Unsubscribe};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

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

/// E-9, ML-8
#[tokio::test]
async fn link_that_differs_in_any_place_is_not_there() {
    let web = Web::start().await;
    let good = path(&wish());
    for at in "/u/".len()..good.len() {
        let mut forged = good.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let answer = post(&web.at, std::str::from_utf8(&forged).unwrap(), "").await;
        assert_eq!((answer.status, answer.body), (404, missing()), "place {at}");
    }
    assert_eq!(web.stopped(), []);
    assert_eq!(post(&web.at, &good, "").await.status, 200);
}

/// D-3, ML-11
#[tokio::test]
async fn looking_at_a_link_changes_nothing() {
    let web = Web::start().await;
    let good = path(&wish());
    let page = get(&web.at, &good).await;
    let head = say(&web.at, format!("HEAD {good} HTTP/1.1\r\nHost: kpid\r\n\r\n").as_bytes()).await;
    assert_eq!((page.status, head.status, &*head.body), (200, 200, ""));
    assert_eq!(web.stopped(), []);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.body.contains("<html lang=\"es\">"), "{}", page.body);
    assert!(page.body.contains("<b>ana@example.com</b> ya no recibirá"), "{}", page.body);
    assert!(page.body.contains("&lt;b&gt;weekly&lt;/b&gt; &amp; co"), "{}", page.body);
    assert!(page.body.contains("<form method=\"post\">"), "{}", page.body);
    for never in ["<script", "<img", "<link", "{style}", "{title}", "{recipient}"] {
        assert!(!page.body.contains(never), "{never}: {}", page.body);
    }
    let english = get(&web.at, &path(&Link { language: "fr".into(), ..wish() })).await;
    assert!(english.body.contains("<html lang=\"en\">") && english.body.contains("Stop the mails"), "{}", english.body);
}

/// D-3: RFC 8058 §3.2, and whatever else a mail program may send.
#[tokio::test]
async fn post_to_a_link_stops_the_mails_however_often_it_comes() {
    let web = Web::start().await;
    let good = path(&wish());
    let part = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
    let head = "Host: kpid\r\nContent-Type: multipart/form-data; boundary=x";
    let multipart = format!("POST {good} HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{part}", part.len());
    let answers = [
        post(&web.at, &good, "List-Unsubscribe=One-Click").await,
        post(&web.at, &good, "").await,
        say(&web.at, multipart.as_bytes()).await,
        say(&web.at, format!("POST {good} HTTP/1.1\r\nHost: kpid\r\n\r\n").as_bytes()).await,
    ];
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    assert_eq!(answers[0].status, 200);
    assert!(answers[0].body.contains("<h1>Hecho</h1>"), "{}", answers[0].body);
    assert_eq!(web.stopped(), vec![("ana@example.com".to_owned(), Name::from("weekly")); 4]);
}

#[tokio::test]
async fn wish_that_could_not_be_kept_is_not_said_to_be() {
    let failing = |_| async { Err("store at postgres://ana:s3cr3t@db is down".to_owned()) };
    let web = Web::serving(Some(Unsubscribe::new(install(), |_| String::new(), failing))).await;
    let answer = post(&web.at, &path(&wish()), "").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("60")));
    assert_eq!(answer.body, "Please try again in a minute.\nInténtelo de nuevo dentro de un minuto.\n");
}

#[tokio::test]
async fn without_unsubscription_no_link_is_good() {
    let web = Web::serving(None).await;
    for answer in [get(&web.at, &path(&wish())).await, post(&web.at, &path(&wish()), "").await] {
        assert_eq!((answer.status, answer.body), (404, missing()));
    }
}

/// E-10
#[tokio::test]
async fn posts_beyond_twenty_a_second_are_put_off_and_forged_ones_take_no_place() {
    let web = Web::start().await;
    for _ in 0..30 {
        assert_eq!(post(&web.at, "/u/forged", "").await.status, 404);
    }
    assert_eq!(post(&web.at, &path(&wish()), "").await.status, 200);
    let begun = Instant::now();
    let many = (0..100).map(|_| {
        let (at, path) = (web.at.clone(), path(&wish()));
        tokio::spawn(async move { post(&at, &path, "").await })
    });
    let mut statuses = Vec::new();
    for answer in many.collect::<Vec<_>>() {
        statuses.push(answer.await.unwrap().status);
    }
    let let_in = statuses.iter().filter(|status| **status == 200).count();
    // Each second that has begun lets in twenty.
    assert!(let_in as u64 <= 20 * (begun.elapsed().as_secs() + 2), "{let_in} in {:?}", begun.elapsed());
    assert!(statuses.iter().all(|status| matches!(status, 200 | 429)), "{statuses:?}");
    assert_eq!(web.stopped().len(), let_in + 1);
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

async fn scraped(web: &Web) -> BTreeMap<String, f64> {
    let answer = get(&web.at, "/metrics").await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)));
    openmetrics::read(&answer.body).unwrap_or_else(|why| panic!("{why}\n{}", answer.body))
}

fn fill(board: &Board) {
    let [weekly, daily, crm]: [Name; 3] = ["weekly".into(), "da\"i\\ly\n".into(), "crm".into()];
    let ago = |seconds| NOW - SignedDuration::from_secs(seconds);
    board.reloaded(Some("3f9a"), ago(100));
    board.reloaded(None, ago(50));
    board.planner_ran(ago(3));
    board.store_wrote(true, ago(2));
    board.clock_skew(SignedDuration::from_millis(-1500));
    board.nodes(3, true);
    board.planning_held(Some("why"));
    board.relay_held(true);
    let by_hand = Name::from("by_hand");
    let later = NOW + SignedDuration::from_millis(500);
    board.schedule([(&weekly, Some(NOW)), (&daily, Some(later)), (&by_hand, None)]);
    board.slots_skipped(&weekly, 2);
    board.slots_skipped(&weekly, 3);
    board.run_finished(&weekly, RunState::Delivered, SignedDuration::from_millis(2500));
    board.run_finished(&daily, RunState::Failed, SignedDuration::from_secs(900));
    board.delivery_finished(DeliveryState::Sent);
    board.delivery_finished(DeliveryState::Sent);
    board.delivery_finished(DeliveryState::Bounced);
    board.source_read(&crm, Duration::from_millis(20), true);
    board.source_read(&crm, Duration::from_secs(400), false);
    let stats = Stats {
        deliveries: BTreeMap::from([(DeliveryState::Queued, 4), (DeliveryState::Sent, 90)]),
        oldest_queued: Some(ago(75)),
        last_success: BTreeMap::from([(weekly, ago(3600))]),
    };
    board.store_says(&stats, NOW);
}

/// A20
#[tokio::test]
async fn metrics_are_openmetrics_before_and_after_anything_happened() {
    let web = Web::start().await;
    let empty = scraped(&web).await;
    assert_eq!(empty["kpid_config_last_reload_successful"], 0.0);
    assert_eq!(empty["kpid_store_up"], 0.0);
    assert_eq!(empty[&format!("kpid_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))], 1.0);
    fill(&web.board);
    let samples = scraped(&web).await;
    let now = NOW.as_second() as f64;
    for (series, value) in [
        ("kpid_catalogue_info{version=\"3f9a\"}", 1.0),
        ("kpid_config_last_reload_successful", 0.0),
        ("kpid_config_last_reload_timestamp_seconds", now - 100.0),
        ("kpid_config_mismatch", 1.0),
        ("kpid_report_next_due_timestamp_seconds{report=\"weekly\"}", now),
        ("kpid_report_next_due_timestamp_seconds{report=\"da\\\"i\\\\ly\\n\"}", now + 0.5),
        ("kpid_report_last_success_timestamp_seconds{report=\"weekly\"}", now - 3600.0),
        ("kpid_report_last_lateness_seconds{report=\"weekly\"}", 2.5),
        ("kpid_runs_total{report=\"weekly\",state=\"delivered\"}", 1.0),
        ("kpid_runs_total{report=\"weekly\",state=\"failed\"}", 0.0),
        ("kpid_runs_total{report=\"by_hand\",state=\"poisoned\"}", 0.0),
        ("kpid_slots_skipped_total{report=\"weekly\"}", 5.0),
        ("kpid_slots_skipped_total{report=\"by_hand\"}", 0.0),
        ("kpid_source_read_seconds_bucket{le=\"0.03\",source=\"crm\"}", 1.0),
        ("kpid_source_read_seconds_bucket{le=\"300.0\",source=\"crm\"}", 1.0),
        ("kpid_source_read_seconds_count{source=\"crm\"}", 2.0),
        ("kpid_source_read_seconds_sum{source=\"crm\"}", 400.02),
        ("kpid_source_failures_total{source=\"crm\"}", 1.0),
        ("kpid_deliveries{state=\"queued\"}", 4.0),
        ("kpid_deliveries{state=\"sent\"}", 90.0),
        ("kpid_deliveries{state=\"held\"}", 0.0),
        ("kpid_deliveries_finished_total{state=\"sent\"}", 2.0),
        ("kpid_deliveries_finished_total{state=\"bounced\"}", 1.0),
        ("kpid_deliveries_finished_total{state=\"expired\"}", 0.0),
        ("kpid_outbox_oldest_queued_seconds", 75.0),
        ("kpid_smtp_relay_held", 1.0),
        ("kpid_planner_last_run_timestamp_seconds", now - 3.0),
        ("kpid_planning_held", 1.0),
        ("kpid_store_up", 1.0),
        ("kpid_nodes_seen", 3.0),
        ("kpid_clock_skew_seconds", -1.5),
    ] {
        assert_eq!(samples.get(series), Some(&value), "{series} in {samples:#?}");
    }
    assert!(samples.keys().all(|name| name.starts_with("kpid_") || name.starts_with("process_")), "{samples:#?}");
}

#[tokio::test]
async fn reports_that_are_gone_leave_no_times_behind() {
    let web = Web::start().await;
    fill(&web.board);
    let new = Name::from("new");
    web.board.schedule([(&new, Some(NOW))]);
    web.board.store_says(&Stats::default(), NOW);
    web.board.reloaded(Some("4a00"), NOW);
    let samples = scraped(&web).await;
    let of = |family: &str| samples.keys().filter(|name| name.starts_with(family)).cloned().collect::<Vec<_>>();
    assert_eq!(of("kpid_report_next_due"), ["kpid_report_next_due_timestamp_seconds{report=\"new\"}"]);
    assert_eq!(of("kpid_report_last_success"), [""; 0]);
    assert_eq!(of("kpid_catalogue_info"), ["kpid_catalogue_info{version=\"4a00\"}"]);
    assert_eq!((samples["kpid_outbox_oldest_queued_seconds"], samples["kpid_deliveries{state=\"sent\"}"]), (0.0, 0.0));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn process_tells_its_memory_and_files() {
    let web = Web::start().await;
    let before = scraped(&web).await;
    assert!(before["process_resident_memory_bytes"] > 1e6, "{before:?}");
    let held: Vec<_> = (0..300).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();
    let opened = scraped(&web).await["process_open_fds"];
    // The other tests open and close some meanwhile.
    assert!(opened >= held.len() as f64, "{opened}");
}

/// ML-9
#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let web = Web::start().await;
    let status =
        async |head: String| say(&web.at, format!("GET /healthz HTTP/1.1\r\n{head}\r\n\r\n").as_bytes()).await.status;
    assert_eq!(status("X: y".to_owned()).await, 200);
    assert_eq!(status(format!("X: {}", "y".repeat(15_000))).await, 200);
    assert_eq!(status(format!("X: {}", "y".repeat(17_000))).await, 431);
    assert_eq!(status(vec!["X: y"; 101].join("\r\n")).await, 431);
    assert_eq!(status("no header".to_owned()).await, 400);
    assert_eq!(get(&web.at, &format!("/{}", "y".repeat(17_000))).await.status, 431);
    assert_eq!(say(&web.at, b"\0\0\0\0\r\n\r\n").await.status, 400);
}

/// ML-9
#[tokio::test]
async fn endless_bodies_are_refused() {
    let web = Web::start().await;
    let mut stream = TcpStream::connect(&web.at).await.unwrap();
    let head = format!("POST {} HTTP/1.1\r\nHost: kpid\r\nTransfer-Encoding: chunked\r\n\r\n", path(&wish()));
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
    for _ in 0..5 {
        stream.write_all(chunk.as_bytes()).await.unwrap();
    }
    assert_eq!(listen(&mut stream).await.status, 413);
    assert_eq!(web.stopped(), []);
}

/// Writes a letter each half second, until the server closes the connection.
async fn dribble(at: &str, begin: String) -> Duration {
    let (mut reading, mut writing) = TcpStream::connect(at).await.unwrap().into_split();
    let begun = Instant::now();
    writing.write_all(begin.as_bytes()).await.unwrap();
    let dribbling = tokio::spawn(async move {
        while writing.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    let mut said = Vec::new();
    let closed = timeout(Duration::from_secs(40), reading.read_to_end(&mut said)).await.expect("it is closed");
    // Closed with letters on the way, it is reset.
    assert!(closed.is_err() || said.is_empty(), "{said:?}");
    dribbling.abort();
    begun.elapsed()
}

/// ML-9
#[tokio::test]
async fn slow_clients_are_cut_off_and_hold_up_nobody() {
    let web = Web::start().await;
    let body = format!("POST {} HTTP/1.1\r\nHost: kpid\r\nContent-Length: 9999\r\n\r\n", path(&wish()));
    let slow = async {
        tokio::join!(
            dribble(&web.at, String::new()),
            dribble(&web.at, "GET /metrics HTTP/1.1\r\nX: ".to_owned()),
            dribble(&web.at, body)
        )
    };
    let quick = async {
        let begun = Instant::now();
        assert_eq!(get(&web.at, "/healthz").await.status, 200);
        assert!(begun.elapsed() < Duration::from_secs(5));
    };
    let ((nothing, head, body), ()) = tokio::join!(slow, quick);
    let seconds = |from: u64| Duration::from_secs(from)..Duration::from_secs(from + 8);
    assert!(seconds(10).contains(&nothing) && seconds(10).contains(&head), "{nothing:?}, {head:?}");
    assert!(seconds(20).contains(&body), "{body:?}");
    assert_eq!(web.stopped(), []);
}

/// ML-9
#[tokio::test]
async fn connections_beyond_the_most_wait_for_a_place() {
    let web = Web::start().await;
    let mut idle = Vec::new();
    for _ in 0..256 {
        idle.push(TcpStream::connect(&web.at).await.unwrap());
    }
    let mut next = TcpStream::connect(&web.at).await.unwrap();
    next.write_all(b"GET /healthz HTTP/1.1\r\nHost: kpid\r\n\r\n").await.unwrap();
    assert!(timeout(Duration::from_millis(500), next.readable()).await.is_err(), "all places are taken");
    idle.pop();
    assert_eq!(listen(&mut next).await.status, 200);
}

#[tokio::test]
async fn wish_is_kept_also_when_its_reader_does_not_wait() {
    let (asked, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (kept, mut keeping) = mpsc::channel(1);
    let (ask, wait) = (Arc::clone(&asked), Arc::clone(&go));
    let suppress = move |link: Link| {
        ask.notify_one();
        let (wait, kept) = (Arc::clone(&wait), kept.clone());
        async move {
            wait.notified().await;
            kept.send(link).await.map_err(|error| error.to_string())
        }
    };
    let web = Web::serving(Some(Unsubscribe::new(install(), |_| String::new(), suppress))).await;
    let mut stream = TcpStream::connect(&web.at).await.unwrap();
    stream.write_all(format!("POST {} HTTP/1.1\r\nHost: kpid\r\n\r\n", path(&wish())).as_bytes()).await.unwrap();
    asked.notified().await;
    drop(stream);
    web.stop.send(()).unwrap();
    web.done.await.unwrap();
    go.notify_one();
    assert_eq!(keeping.recv().await, Some(wish()));
}

/// A18
#[tokio::test]
async fn stopping_answers_those_who_asked_and_waits_for_nobody_else() {
    let (asked, answered) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (ask, answer) = (Arc::clone(&asked), Arc::clone(&answered));
    let suppress = move |_| {
        ask.notify_one();
        let answer = Arc::clone(&answer);
        async move {
            answer.notified().await;
            Ok(())
        }
    };
    let web = Web::serving(Some(Unsubscribe::new(install(), |_| "Ventas".to_owned(), suppress))).await;
    let mut idle = TcpStream::connect(&web.at).await.unwrap();
    let (at, path) = (web.at.clone(), path(&wish()));
    let asking = tokio::spawn(async move { post(&at, &path, "").await });
    asked.notified().await;
    web.stop.send(()).unwrap();
    let mut nothing = Vec::new();
    let left = timeout(Duration::from_secs(5), idle.read_to_end(&mut nothing)).await;
    assert_eq!(left.expect("who asks nothing is not waited for").unwrap(), 0);
    assert!(TcpStream::connect(&web.at).await.is_err(), "nobody is let in any more");
    assert!(!web.done.is_finished());
    answered.notify_one();
    assert_eq!(asking.await.unwrap().status, 200);
    timeout(Duration::from_secs(5), web.done).await.expect("nobody is left").unwrap();
}

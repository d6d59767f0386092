//! A reader's way out: what a link may do, and what no link may.

use super::client::{get, post, say};
use super::{Web, install, missing, path, wish};
use kpid::text::Name;
use kpid::web::Unsubscribe;
use kpid::web::link::Link;
use std::sync::Arc;
use std::time::Instant;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};

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

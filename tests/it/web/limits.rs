//! What it takes to wear the web down: too much, too slow, too many; and how it stops.

use super::client::{get, listen, post, say};
use super::{Web, install, path, wish};
use kpid::web::Unsubscribe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

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
    let closed = timeout(Duration::from_secs(120), reading.read_to_end(&mut said)).await.expect("it is closed");
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
        assert!(begun.elapsed() < Duration::from_secs(9), "before any of the others is cut off: {:?}", begun.elapsed());
    };
    let ((nothing, head, body), ()) = tokio::join!(slow, quick);
    let seconds = |from: u64| Duration::from_secs(from)..Duration::from_secs(from + 40);
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
    // Sooner than one that says nothing is cut off anyway.
    let left = timeout(Duration::from_secs(9), idle.read_to_end(&mut nothing)).await;
    assert_eq!(left.expect("who asks nothing is not waited for").unwrap(), 0);
    assert!(TcpStream::connect(&web.at).await.is_err(), "nobody is let in any more");
    assert!(!web.done.is_finished());
    answered.notify_one();
    assert_eq!(asking.await.unwrap().status, 200);
    timeout(Duration::from_secs(60), web.done).await.expect("nobody is left").unwrap();
}

//! A thousand readers of one edition in two languages: what each costs beyond the first of their language.

use crate::edition::Forty;
use crate::figures::{Table, median, milliseconds, ranked};
use crate::process::{Case, apart, peak_mib};
use kpid::mail::Mail;
use kpid::pipeline::Mailing;
use kpid::report::{Attachment, Person};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

const READERS: usize = 1_000;
const LOCALES: [&str; 2] = ["es-ES", "en-GB"];
/// Mailings.
const TURNS: usize = 7;

pub fn table() -> anyhow::Result<Table> {
    Ok(Table {
        title: "1,000 readers of that report with XLSX, in 2 languages",
        aim: "at most 0.3 ms for each further reader",
        rows: vec![apart(Case::Mailing, READERS, &[])?],
        left_out: Vec::new(),
    })
}

/// `count` mails, held at once.
pub fn measure(count: usize) -> anyhow::Result<Value> {
    let forty = Forty::new()?;
    let report = forty.report(&[Attachment::Xlsx]);
    let people: Vec<Person> = (0..count).map(person).collect();
    let (mut first, mut further) = (Vec::new(), Vec::new());
    let mut held = Held::default();
    for _ in 0..TURNS {
        let mut mailing = Mailing::new(&forty.renderer, forty.mail()?, &report);
        let mut mails = Vec::with_capacity(count);
        let mut times = Vec::with_capacity(count);
        for person in &people {
            let started = Instant::now();
            mails.push(mailing.to(person)?);
            times.push(started.elapsed());
        }
        further.extend(times.split_off(LOCALES.len()));
        first.extend(times);
        held = Held::of(&mails);
    }
    let mean = further.iter().sum::<Duration>() / further.len() as u32;
    Ok(json!({
        "readers": count,
        "first_of_a_language_ms": milliseconds(median(first)),
        "further_ms": milliseconds(median(further.iter().copied())),
        "mean_ms": milliseconds(mean),
        "99_in_100_ms": milliseconds(ranked(further, 0.99)),
        "bodies": held.bodies,
        "bodies_KiB": held.shared as f64 / 1024.0,
        "each_B": held.own / count,
        "all_KiB": (held.shared + held.own) as f64 / 1024.0,
        "peak_MiB": peak_mib()?,
    }))
}

fn person(index: usize) -> Person {
    let locale = LOCALES[index % LOCALES.len()];
    Person {
        name: Some(format!("Ana Ruíz {index}")),
        email: format!("ana.ruiz.{index}@example.com"),
        language: locale[..2].into(),
        locale: locale.to_owned(),
    }
}

/// Bytes that mails hold.
#[derive(Default)]
struct Held {
    bodies: usize,
    /// By all mails of a language together.
    shared: usize,
    /// By each alone, added up.
    own: usize,
}

impl Held {
    fn of(mails: &[Mail]) -> Held {
        let bodies: BTreeMap<_, _> =
            mails.iter().map(|mail| (Arc::as_ptr(&mail.body).addr(), mail.body.len())).collect();
        let own = |mail: &Mail| size_of::<Mail>() + mail.head.len() + mail.id.len();
        Held { bodies: bodies.len(), shared: bodies.values().sum(), own: mails.iter().map(own).sum() }
    }
}

//! One report of forty KPIs: what building and rendering it costs, stage by stage, and the memory that takes.
//!
//! Stages run in turns, so that what else the machine does falls on all. CPU is that of all threads; the first turn, which a program
//! that renders once a week pays, stands beside the others.

use crate::edition::{Forty, audience};
use crate::figures::{Table, cpus, joined, median, milliseconds, ranked};
use crate::process::{Case, Spent, Stopwatch, apart, peak_mib};
use kpid::mail::Body;
use kpid::render::chart::{Spark, Trend};
use kpid::report::{Attachment, Letter, Report};
use serde_json::{Value, json};
use std::hint::black_box;

/// After the first.
const TURNS: usize = 61;

pub fn tables() -> anyhow::Result<Vec<Table>> {
    let stages = apart(Case::RenderStages, 0, &[])?;
    let memory = |what: &str, case| anyhow::Ok(joined(json!({ "made": what }), apart(case, 0, &[])?));
    Ok(vec![
        Table {
            title: "A report of 40 KPIs, 20 of them by 6 segments, in es-ES: CPU",
            aim: "letter at most 15 ms, with XLSX at most 30 ms",
            rows: stages.as_array().cloned().unwrap_or_default(),
            left_out: Vec::new(),
        },
        Table {
            title: "The same in a process of its own: memory",
            aim: "peak at most 40 MiB",
            rows: vec![
                memory("letter", Case::RenderLetter)?,
                memory("letter with XLSX, CSV and page", Case::RenderAll)?,
            ],
            left_out: Vec::new(),
        },
    ])
}

/// Something that is made, and how often it has been.
struct Stage<'a> {
    name: &'static str,
    /// Gives the bytes made.
    make: Box<dyn Fn() -> anyhow::Result<usize> + 'a>,
    runs: Vec<Spent>,
    bytes: usize,
}

impl<'a> Stage<'a> {
    fn new(name: &'static str, make: impl Fn() -> anyhow::Result<usize> + 'a) -> Stage<'a> {
        Stage { name, make: Box::new(make), runs: Vec::new(), bytes: 0 }
    }

    fn run(&mut self) -> anyhow::Result<()> {
        let watch = Stopwatch::start();
        self.bytes = black_box((self.make)()?);
        self.runs.push(watch.stop());
        Ok(())
    }

    fn row(&self) -> Value {
        let (first, rest) = self.runs.split_at(1);
        let at = |share| milliseconds(ranked(cpus(rest), share));
        json!({
            "stage": self.name,
            "CPU_ms": milliseconds(median(cpus(rest))),
            "least_ms": at(0.0),
            "9_in_10_ms": at(0.9),
            "first_ms": milliseconds(first[0].cpu),
            "KiB": self.bytes as f64 / 1024.0,
        })
    }
}

pub fn stages() -> anyhow::Result<Value> {
    let forty = Forty::new()?;
    let reader = audience("es-ES");
    let (plain, book) = (forty.spec(&[]), forty.spec(&[Attachment::Xlsx]));
    let report = forty.report(&[]);
    let letter = |report: &Report| anyhow::Ok(forty.renderer.letter(report, &reader)?);
    let finished = letter(&report)?;
    let file = |kind| Ok(forty.renderer.file(&report, &reader, kind)?.bytes.len());
    let mut stages = [
        Stage::new("build and letter", || Ok(size(&letter(&forty.build(&plain, forty.outcome()))?))),
        Stage::new("build and letter with XLSX", || Ok(size(&letter(&forty.build(&book, forty.outcome()))?))),
        Stage::new("· build", || Ok(forty.build(&plain, forty.outcome()).blocks.len())),
        Stage::new("· letter", || Ok(size(&letter(&report)?))),
        Stage::new("  · its view", || Ok(forty.renderer.context(&report, &reader)?.to_string().len())),
        Stage::new("  · its pictures", || Ok(pictures(&report))),
        Stage::new("· MIME body", || Ok(Body::new(&finished)?.size())),
        Stage::new("· XLSX", || file(Attachment::Xlsx)),
        Stage::new("· page", || file(Attachment::Html)),
        Stage::new("· CSV", || file(Attachment::Csv)),
        Stage::new("· JSON", || Ok(forty.renderer.json(&report, &reader)?.to_string().len())),
    ];
    for _ in 0..=TURNS {
        stages.iter_mut().try_for_each(Stage::run)?;
    }
    Ok(stages.iter().map(Stage::row).collect())
}

fn pictures(report: &Report) -> usize {
    let png = |row: &kpid::report::Row| Spark::new(Trend::new(&row.measured.trend)).png().len();
    report.rows().map(|row| png(row)).sum()
}

fn size(letter: &Letter) -> usize {
    let images = letter.images.iter().map(|image| image.png.len());
    let files = letter.attachments.iter().map(|file| file.bytes.len());
    letter.html.len() + letter.text.len() + images.chain(files).sum::<usize>()
}

/// A process that makes one letter: its peak memory, and what it had before.
pub fn once(attach: &[Attachment]) -> anyhow::Result<Value> {
    let forty = Forty::new()?;
    let outcome = forty.outcome();
    let before = peak_mib()?;
    let watch = Stopwatch::start();
    let letter = forty.renderer.letter(&forty.build(&forty.spec(attach), outcome), &audience("es-ES"))?;
    let body = Body::new(&letter)?;
    let spent = watch.stop();
    Ok(json!({
        "with_its_catalogue_and_values_MiB": before,
        "peak_MiB": peak_mib()?,
        "CPU_ms": milliseconds(spent.cpu),
        "mail_KiB": body.size() as f64 / 1024.0,
    }))
}

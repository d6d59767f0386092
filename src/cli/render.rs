//! `kpid render REPORT`

use super::measure::{answer, exit_of, of_report};
use super::when::When;
use super::{Exit, installation, output, send, wrong};
use crate::catalog::Catalog;
use crate::pipeline::Mailing;
use crate::render::{Audience, Renderer, standalone};
use crate::report::{Attachment, Person, Report};
use anyhow::Context;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  kpid render weekly_b2b                          as plain text
  kpid render weekly_b2b --to tom -o mail.html    what Tom will see, for a browser
  kpid render weekly_b2b --to ana --period 2026-W46 -o ana.eml
  kpid render weekly_b2b --as-of 2026-11-16T08:00 -o report.xlsx
  kpid render weekly_b2b --format context         what templates are given

The format is that of the file's ending when --format is absent: .html, .txt, .eml,
.xlsx, .csv, .json. The same databases, YAML and --as-of give the same bytes.

Exit codes: 0 rendered, 1 it could not be written, 2 wrong input, 3 rendered, but some sources could not be read";

/// Render a report without sending it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The report's name
    report: String,
    #[command(flatten)]
    when: When,
    /// As this person gets it: a name of `people`, or an address
    #[arg(long, value_name = "PERSON")]
    to: Option<String>,
    /// What to make of it
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The mail's HTML, with its pictures inside
    Html,
    /// The mail's plain text, with its subject
    Text,
    /// The whole mail
    Eml,
    /// A web page of its own, with all segments and large charts
    Page,
    /// A spreadsheet
    Xlsx,
    /// Long form, as a spreadsheet of the reader's country opens it
    Csv,
    /// Everything, for programs
    Json,
    /// What templates are given
    Context,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let format = format(&args)?;
    let catalog = installation::load(dir)?;
    let person = match &args.to {
        Some(to) => installation::person(&catalog, to)?,
        None => catalog.stranger("reader@example.com"),
    };
    let renderer = installation::renderer(dir, &catalog)?;
    let asked = of_report(&catalog, &args.report, &args.when)?;
    let outcome = answer(&catalog, &installation::sources(&catalog), &asked).await;
    let exit = exit_of(&outcome);
    let report = asked.report(&catalog, outcome);
    let bytes = bytes(&catalog, &renderer, &report, &person, format)?;
    match &args.output {
        Some(path) => std::fs::write(path, bytes).with_context(|| format!("write {}", path.display()))?,
        None => output::bytes(&bytes)?,
    }
    Ok(exit)
}

/// By flag, by the file's ending, or text.
fn format(args: &Args) -> anyhow::Result<Format> {
    let ending = args.output.as_ref().and_then(|path| path.extension()?.to_str().map(str::to_ascii_lowercase));
    let format = match (args.format, ending.as_deref()) {
        (Some(format), _) => format,
        (None, Some("html" | "htm")) => Format::Html,
        (None, Some("eml")) => Format::Eml,
        (None, Some("xlsx")) => Format::Xlsx,
        (None, Some("csv")) => Format::Csv,
        (None, Some("json")) => Format::Json,
        (None, Some("txt")) | (None, None) => Format::Text,
        (None, Some(other)) => {
            let help = "name the format: --format html, text, eml, page, xlsx, csv, json or context";
            return Err(wrong(format!("`.{other}` says no format"), Some(help.to_owned())));
        }
    };
    if format == Format::Xlsx && args.output.is_none() && std::io::stdout().is_terminal() {
        return Err(wrong(
            "a spreadsheet can't be shown in a terminal",
            Some("write it to a file: -o report.xlsx".to_owned()),
        ));
    }
    Ok(format)
}

fn bytes(
    catalog: &Catalog,
    renderer: &Renderer,
    report: &Report,
    person: &Person,
    format: Format,
) -> anyhow::Result<Vec<u8>> {
    let audience = Audience::of(person);
    Ok(match format {
        Format::Html => standalone(&renderer.letter(report, &audience)?).into_bytes(),
        Format::Text => {
            let letter = renderer.letter(report, &audience)?;
            format!("{}\n\n{}", letter.subject, letter.text).into_bytes()
        }
        Format::Eml => {
            let settings = send::mail_settings(catalog)?;
            Mailing::new(renderer, settings, report).to(person)?.bytes()
        }
        Format::Page => renderer.page(report, &audience)?.into_bytes(),
        Format::Xlsx => renderer.file(report, &audience, Attachment::Xlsx)?.bytes,
        Format::Csv => renderer.file(report, &audience, Attachment::Csv)?.bytes,
        Format::Json => format!("{:#}\n", renderer.json(report, &audience)?).into_bytes(),
        Format::Context => format!("{:#}\n", renderer.context(report, &audience)?).into_bytes(),
    })
}

//! What the README claims, measured: how fast kpid is, and how much memory it takes.
//!
//! ```text
//! cargo bench                                  all questions
//! cargo bench -- week --sessions 100000        one of them, smaller
//! cargo bench -- --json > figures.json         for machines
//! cargo bench -- --help
//! ```
//! `week` also asks PostgreSQL where `KPID_TEST_POSTGRES` names a server, and says loudly that it was left out otherwise:
//! `eval "$(tests/servers/start)"; cargo bench; tests/servers/stop "$KPID_TEST_SERVERS"`.
//!
//! Each case runs in a process of its own, this program started again with `--case`, so that peak memory is that of the
//! case. Nothing here passes or fails: figures stand beside what they aim at, and a reader judges. Floors are measured in
//! the same run, because a figure of a busy machine says nothing by itself. Deliberately absent: a statistics framework;
//! every question is a ratio of medians or one long loop.

#![expect(clippy::print_stdout, reason = "a bench is run by hand")]

mod check;
mod chromium;
mod edition;
mod family;
mod figures;
mod floor;
mod home;
mod kpis;
mod mailing;
mod preview;
mod process;
mod render;
mod service;
mod start;
mod synthetic;
mod week;

use clap::{Parser, ValueEnum};
use figures::Table;
use kpid::report::Attachment;
use process::Case;

/// Measures kpid.
#[derive(Debug, Parser)]
struct Args {
    /// What to measure; everything when nothing is named
    questions: Vec<Question>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Sizes of the sample company of `week`, in web visits
    #[arg(long, value_delimiter = ',', default_value = "100000,2000000")]
    sessions: Vec<u32>,
    /// For how many minutes `punctual` looks
    #[arg(long, default_value_t = 4)]
    minutes: u32,
    /// cargo says so
    #[arg(long, hide = true)]
    bench: bool,
    #[arg(long, hide = true)]
    case: Option<Case>,
    #[arg(long, hide = true, default_value_t = 0)]
    size: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Question {
    /// The sample company's weekly report, against the same queries on bare drivers
    Week,
    /// 10 to 10,000 KPIs over the same readings
    Kpis,
    /// Loading 1,000 to 10,000 KPIs from YAML
    Check,
    /// Starting the program
    Start,
    /// Building and rendering a report of 40 KPIs and its mails, against a browser's screenshot
    Render,
    /// Mails a second, against Postfix's own test program
    Mail,
    /// 500 reports due in one minute
    Burst,
    /// 1,000 reports after a month of downtime, and an idle minute
    Planning,
    /// A report every minute
    Punctual,
    /// Edits of one of 1,000 files
    Reload,
    /// From a save until the preview's page shows it
    Preview,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if let Some(case) = args.case {
        println!("{}", run(case, args.size).await?);
        return Ok(());
    }
    let asked = if args.questions.is_empty() { Question::value_variants() } else { &args.questions };
    eprintln!("{}", process::machine()?);
    let mut tables = Vec::new();
    for question in asked {
        let answers = ask(*question, &args).await?;
        if !args.json {
            answers.iter().for_each(|table| println!("{table}"));
        }
        tables.extend(answers);
    }
    if args.json {
        println!("{:#}", figures::json(&process::machine()?, &tables));
    }
    Ok(())
}

async fn ask(question: Question, args: &Args) -> anyhow::Result<Vec<Table>> {
    Ok(match question {
        Question::Week => vec![week::table(&args.sessions).await?],
        Question::Kpis => vec![kpis::table()?],
        Question::Check => vec![check::table()?],
        Question::Start => vec![start::table()?],
        Question::Mail => vec![service::mail().await?],
        Question::Burst => vec![service::burst().await?],
        Question::Planning => vec![service::planning().await?],
        Question::Punctual => vec![service::punctual(args.minutes).await?],
        Question::Reload => vec![service::reload().await?],
        Question::Preview => preview::tables().await?,
        Question::Render => {
            [render::tables()?, vec![mailing::table()?, chromium::table()?]].into_iter().flatten().collect()
        }
    })
}

/// One case, in a process of its own.
async fn run(case: Case, size: usize) -> anyhow::Result<serde_json::Value> {
    match case {
        Case::Week => week::compare().await,
        Case::WeekKpid => week::kpid_once().await,
        Case::WeekFloor => week::floor_once().await,
        Case::Kpis => kpis::measure(size, synthetic::Mix::Whole),
        Case::KpisBrokenDown => kpis::measure(size, synthetic::Mix::BrokenDown),
        Case::Check => check::load(size),
        Case::StartVersion => start::version(),
        Case::StartCheck => start::check().await,
        Case::RenderStages => render::stages(),
        Case::RenderLetter => render::once(&[]),
        Case::RenderBook => render::once(&[Attachment::Xlsx]),
        Case::RenderAll => render::once(&[Attachment::Xlsx, Attachment::Csv, Attachment::Html]),
        Case::Mailing => mailing::measure(size),
        Case::Chromium => chromium::compare(),
    }
}

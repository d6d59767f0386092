//! `kpid import`

use super::addition::{Addition, check_name};
use super::scorecard::plain_table;
use super::{Exit, installation, output, wrong};
use crate::catalog::insert::scalar;
use crate::catalog::{Catalog, Kind, suggest};
use crate::source::{Column, Count, Extent, LeftOut, Proposal, Table, Undated};
use crate::text::{Name, harmless, shell_word};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Look at a database and propose sources
///
/// Without TABLE: which tables there are, how large they are and up to when. With TABLE: the YAML of a source over each. Reads only,
/// and shows counts and dates, never what stands in rows.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid import                      the tables of the only database\n  kpid import crm leads orders     the YAML of two sources\n  kpid import crm leads --write    the same, added to the folder\n\nExit codes: 0 done, 1 a file could not be written, 2 wrong input, 3 the database could\nnot be read"
)]
pub struct Args {
    /// One of `databases`; needed where there are several
    database: Option<String>,
    /// The tables to propose sources for
    #[arg(value_name = "TABLE")]
    tables: Vec<String>,
    /// Add the sources to the folder
    #[arg(long, requires = "tables", conflicts_with = "json")]
    write: bool,
    /// The file they are added to
    #[arg(long, requires = "write")]
    file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let catalog = installation::load(dir)?;
    let database = database(&catalog, args.database.as_deref())?;
    if args.tables.is_empty() {
        return list(&catalog, &database, args.json).await;
    }
    let mut blocks = Vec::new();
    for table in &args.tables {
        match proposed(&catalog, &database, table, None).await {
            Ok(block) => blocks.push(block),
            Err(error) => return unread(error),
        }
    }
    if args.write {
        return write(dir, &catalog, blocks, args.file.as_deref());
    }
    let yaml: String = blocks.iter().map(|(_, block)| indented(block)).collect::<Vec<_>>().join("\n");
    match args.json {
        true => output::line(format_args!(
            "{:#}",
            json!(blocks.iter().map(|(name, yaml)| json!({ "source": name, "yaml": yaml })).collect::<Vec<_>>())
        ))?,
        false => output::print(&format!("sources:\n{yaml}"))?,
    }
    Ok(Exit::Done)
}

/// A database that doesn't answer is told as it is everywhere.
fn unread(error: anyhow::Error) -> anyhow::Result<Exit> {
    match error.downcast::<crate::source::SourceError>() {
        Ok(error) => {
            eprintln!("error: {error}");
            Ok(Exit::Partial)
        }
        Err(error) => Err(error),
    }
}

fn indented(block: &str) -> String {
    block.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") }).collect()
}

fn write(dir: &Path, catalog: &Catalog, blocks: Vec<(String, String)>, file: Option<&Path>) -> anyhow::Result<Exit> {
    let mut names = BTreeSet::new();
    for (name, _) in &blocks {
        check_name(catalog, Kind::Source, name)?;
        if !names.insert(name) {
            let help = "import them one after the other, and rename the first in the YAML".to_owned();
            return Err(wrong(format!("two of the tables would be the source `{name}`"), Some(help)));
        }
    }
    for (name, block) in blocks {
        let place = Addition { kind: Kind::Source, name: name.clone(), block }.write(dir, file)?;
        output::line(format_args!("{place}: source {name}"))?;
    }
    output::line("next: kpid check --connect, then kpid new kpi NAME --formula SOURCE.MEASURE")?;
    Ok(Exit::Done)
}

/// The database of that name; the only one without a name.
///
/// # Errors
/// There is none, or several.
pub fn database(catalog: &Catalog, name: Option<&str>) -> anyhow::Result<Name> {
    let names = || catalog.databases.keys().map(|name| &**name);
    let all = || Some(format!("there are {}", names().collect::<Vec<_>>().join(", ")));
    match (name, names().next()) {
        (_, None) => Err(wrong("there is no database yet", Some("`databases:` in the YAML declares them".to_owned()))),
        (Some(name), _) => catalog.databases.get_key_value(name).map(|(name, _)| name.clone()).ok_or_else(|| {
            let near = suggest(name, names()).map(|near| format!("did you mean `{near}`?"));
            wrong(format!("there is no database `{name}`"), near.or_else(all))
        }),
        (None, Some(only)) if catalog.databases.len() == 1 => Ok(only.into()),
        (None, Some(_)) => Err(wrong("which database?", all())),
    }
}

async fn list(catalog: &Catalog, database: &Name, json: bool) -> anyhow::Result<Exit> {
    let sources = installation::sources(catalog);
    let looked = async {
        let tables = sources.tables(database).await?;
        eprintln!("{} of {database} …", super::counted(tables.len(), "table"));
        let extents = sources.extents(database, &tables).await?;
        Ok::<_, crate::source::SourceError>(tables.into_iter().zip(extents).collect::<Vec<_>>())
    };
    let looked = match looked.await {
        Ok(looked) => looked,
        Err(error) => return unread(error.into()),
    };
    if json {
        let rows = looked.iter().map(|(table, extent)| table_json(table, extent));
        output::line(format_args!("{:#}", Json::Array(rows.collect())))?;
        return Ok(Exit::Done);
    }
    output::line(tabled(&looked))?;
    if let Some((table, _)) = looked.first() {
        eprintln!("next: kpid import {} {}", shell_word(database), shell_word(&harmless(table.shown().into())));
    }
    Ok(Exit::Done)
}

fn tabled(looked: &[(Table, Extent)]) -> comfy_table::Table {
    let mut shown = plain_table();
    shown.set_header(["Table", "Rows", "Newest", "Columns (* key)"]);
    for (table, extent) in looked {
        let mark = |column: &Column| format!("{}{} {}", column.name, if column.key { "*" } else { "" }, column.kind);
        let columns = table.columns.iter().map(mark).collect::<Vec<_>>().join(", ");
        let newest = match (&extent.time, &extent.newest) {
            (Some(time), Some(newest)) => format!("{newest} ({time})"),
            (Some(time), None) => format!("none ({time})"),
            (None, _) => "no date".to_owned(),
        };
        let cells = [table.shown(), rows(extent.rows), newest, columns];
        shown.add_row(cells.map(|text| harmless(text.into())));
    }
    shown
}

fn rows(count: Option<Count>) -> String {
    match count {
        None => "?".to_owned(),
        Some(Count::Exactly(rows)) => rows.to_string(),
        Some(Count::About(rows)) => format!("about {rows}"),
        Some(Count::MoreThan(rows)) => format!("over {rows}"),
    }
}

fn table_json(table: &Table, extent: &Extent) -> Json {
    let column = |column: &Column| json!({ "name": column.name, "type": column.kind, "key": column.key });
    let (rows, exact) = match extent.rows {
        None => (None, false),
        Some(Count::Exactly(rows)) => (Some(rows), true),
        Some(Count::About(rows) | Count::MoreThan(rows)) => (Some(rows), false),
    };
    json!({
        "table": table.shown(),
        "columns": table.columns.iter().map(column).collect::<Vec<_>>(),
        "rows": rows,
        "exact": exact,
        "time": extent.time,
        "newest": extent.newest,
    })
}

/// The name and the YAML of a source over `table`: called `name`, or as the table is.
///
/// # Errors
/// The database can't be reached; there is no such table; no column dates its rows.
pub async fn proposed(
    catalog: &Catalog,
    database: &Name,
    table: &str,
    name: Option<&str>,
) -> anyhow::Result<(String, String)> {
    let sources = installation::sources(catalog);
    let tables = sources.tables(database).await?;
    let shown: Vec<String> = tables.iter().map(Table::shown).collect();
    let Some(found) = tables.iter().find(|one| one.shown() == table) else {
        let near = suggest(table, shown.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
        let help = near.unwrap_or_else(|| format!("`kpid import {}` shows which there are", shell_word(database)));
        return Err(wrong(format!("database `{database}` has no table `{table}`"), Some(harmless(help.into()))));
    };
    let zone = &catalog.settings.calendar.zone;
    let proposal = sources.proposal(database, found, zone).await?.map_err(|why| undated(table, why))?;
    let name = name.map_or_else(|| named(&found.name), str::to_owned);
    let block = block(&name, database, &found.shown(), &proposal, &catalog.settings.language);
    Ok((name, block))
}

fn undated(table: &str, why: Undated) -> anyhow::Error {
    let help = match why.day_first {
        None => {
            "read it together with a table that has dates, in a source with SQL of your own: kpid new source".to_owned()
        }
        Some((column, day)) => format!(
            "`{}` looks like dd/mm/yyyy text; in a source with SQL of your own (kpid new source) this is its day:\n  {}",
            harmless(column.into()),
            harmless(day.into())
        ),
    };
    wrong(format!("no column of `{table}` dates its rows"), Some(help))
}

/// A table's name as a source can have it.
fn named(table: &str) -> String {
    let plain: String = table.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    match crate::catalog::name_flaw(&plain) {
        None => plain,
        Some(_) => format!("t_{plain}"),
    }
}

fn block(name: &str, database: &str, table: &str, proposal: &Proposal, language: &str) -> String {
    let spanish = language == "es";
    let said = |es: &'static str, en: &'static str| if spanish { es } else { en };
    let description = format!("{} {table}", said("Filas de", "Rows of"));
    let sql: String = proposal.sql.lines().map(|line| format!("    {line}\n")).collect();
    let mut yaml = format!("{name}:\n  database: {database}\n  description: {}\n  sql: |\n{sql}", scalar(&description));
    yaml.push_str(&format!("  time: {}\n", proposal.time));
    if !proposal.dimensions.is_empty() {
        yaml.push_str(&format!("  dimensions: [{}]\n", proposal.dimensions.join(", ")));
    }
    yaml.push_str(&format!("  measures: [{}]\n", proposal.measures.join(", ")));
    for (column, why) in &proposal.left_out {
        let column = harmless(column.into());
        yaml.push_str(&format!("  # {} {column}: {}\n", said("fuera:", "left out:"), reason(*why, spanish)));
    }
    let late = said("el informe avisa si lo más nuevo es más viejo", "reports say so when the newest row is older");
    yaml.push_str(&format!("  # {late}:\n  fresh: {{ sql: {}, within: 36h }}\n", scalar(&proposal.fresh)));
    yaml
}

fn reason(why: LeftOut, spanish: bool) -> &'static str {
    let (es, en) = match why {
        LeftOut::Personal => ("puede decir de quién es la fila", "may tell whom a row is about"),
        LeftOut::Key => ("es una clave", "is a key"),
        LeftOut::Single => ("no tiene dos valores distintos", "has no two different values"),
        LeftOut::Many => ("tiene más de 50 valores", "has more than 50 values"),
        LeftOut::Room => ("con las otras daría demasiadas filas", "would make too many rows with the others"),
        LeftOut::NoSum => ("su suma no significa nada", "its sum means nothing"),
    };
    if spanish { es } else { en }
}

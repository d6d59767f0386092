//! `kpid docs`

use super::{Exit, counted, installation, output, wrong};
use crate::catalog::Kind;
use crate::render::Audience;
use crate::render::site::{Catalogue, Page, Thing};
use crate::text::{Name, cldr};
use anyhow::Context;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  kpid docs -o site
  kpid docs -o site --language es

Open site/index.html, or let any web server serve the folder. The same YAML gives
the same files, so that they can be kept under git. Addresses of readers who have
a name, URLs of databases and all secrets are left out.

Exit codes: 0 written, 1 it could not be written, 2 wrong input";

/// Write a site that explains every KPI of the folder
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The folder to write; files in it that an earlier run wrote are replaced
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// The language of the site, instead of the installation's
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let catalog = installation::load(dir)?;
    let renderer = installation::renderer(dir, &catalog)?;
    let settings = &catalog.settings;
    let audience = match &args.language {
        Some(language) if !renderer.languages().any(|known| known == language) => {
            let help = format!("there are {}", renderer.languages().collect::<Vec<_>>().join(", "));
            return Err(wrong(format!("there are no texts in `{language}`"), Some(help)));
        }
        Some(language) if **language != *settings.language => {
            Audience { language: language.as_str().into(), locale: cldr::default_locale(language).to_owned() }
        }
        _ => Audience { language: settings.language.clone(), locale: settings.locale.clone() },
    };
    let place = |thing: &Thing| {
        let (kind, name): (Kind, &Name) = match thing {
            Thing::Source(name) => (Kind::Source, name),
            Thing::Kpi(name) => (Kind::Kpi, name),
            Thing::Report(name) => (Kind::Report, name),
        };
        let (file, line) = catalog.definitions.place(kind, name)?;
        let file = Path::new(file).strip_prefix(dir).unwrap_or(Path::new(file));
        Some(format!("{}:{line}", file.display()))
    };
    let tests = |kpi: &Name| {
        let expected = catalog.scenarios.iter().filter(|test| test.expect.iter().any(|expected| expected.kpi == *kpi));
        catalog.tests.iter().filter(|test| test.kpi == *kpi).count() + expected.count()
    };
    let catalogue = Catalogue {
        version: &catalog.version,
        kpis: &catalog.kpis,
        sources: &catalog.sources,
        reports: &catalog.reports,
        tests: &tests,
        place: &place,
    };
    let pages = renderer.site(&catalogue, &audience)?;
    write(&args.output, &pages)?;
    output::line(format_args!(
        "{} about {} in {}",
        counted(pages.len(), "file"),
        counted(catalog.kpis.len(), "KPI"),
        args.output.display()
    ))?;
    Ok(Exit::Done)
}

/// The names of the files that were written, so that a later run replaces these and nothing else.
const LIST: &str = ".kpid-docs";

/// Writes the pages, and takes away those of things that are no more: who searches the folder would still find them.
fn write(folder: &Path, pages: &[Page]) -> anyhow::Result<()> {
    let list = fs::read_to_string(folder.join(LIST)).ok();
    if list.is_none() && fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        let help = "name a new folder, or one that `kpid docs` wrote before".to_owned();
        return Err(wrong(format!("`{}` holds other files", folder.display()), Some(help)));
    }
    let written: BTreeSet<&str> = pages.iter().map(|page| &*page.path).collect();
    let known: BTreeSet<&str> = list.as_deref().unwrap_or_default().lines().filter(|path| is_ours(path)).collect();
    refuse_others(folder, &written, &known)?;
    // Before any page, so that a run that fails halfway knows its own files again.
    fs::create_dir_all(folder).with_context(|| format!("make the folder {}", folder.display()))?;
    write_list(folder, written.union(&known))?;
    for page in pages {
        let path = folder.join(&page.path);
        let parent = path.parent().expect("a page lies in a folder");
        fs::create_dir_all(parent).with_context(|| format!("make the folder {}", parent.display()))?;
        fs::write(&path, &page.text).with_context(|| format!("write {}", path.display()))?;
    }
    for path in known.difference(&written).map(|path| folder.join(path)).filter(|path| path.is_file()) {
        fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
    }
    write_list(folder, &written)
}

fn write_list<'a>(folder: &Path, paths: impl IntoIterator<Item = &'a &'a str>) -> anyhow::Result<()> {
    let list: String = paths.into_iter().map(|path| format!("{path}\n")).collect();
    fs::write(folder.join(LIST), list).with_context(|| format!("write {}", folder.join(LIST).display()))
}

/// Refuses a folder in which a page would take the place of a file that no run wrote, or something would be done through a link.
fn refuse_others(folder: &Path, written: &BTreeSet<&str>, known: &BTreeSet<&str>) -> anyhow::Result<()> {
    let link = |path: &Path| {
        let below = path.ancestors().filter(|path| !path.as_os_str().is_empty()).map(|path| folder.join(path));
        below.into_iter().find(|path| path.is_symlink())
    };
    for path in written.union(known).chain([&LIST]) {
        let file = folder.join(path);
        let why = match link(Path::new(path)) {
            Some(link) => format!("`{}` is a link, which `kpid docs` does not follow", link.display()),
            None if *path != LIST && !known.contains(path) && file.exists() => {
                format!("`{}` was not written by `kpid docs`", file.display())
            }
            None => continue,
        };
        return Err(wrong(why, Some("move it away, or name another folder".to_owned())));
    }
    Ok(())
}

/// Whether a line of the list can be one of ours: a path that leads nowhere but down.
fn is_ours(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

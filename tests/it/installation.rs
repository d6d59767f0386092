//! A whole installation in a folder of its own: YAML, SQLite files, and what they measure.

use kpid::calendar::Calendar;
use kpid::catalog::Catalog;
use kpid::measure::{Comparison, Request};
use kpid::pipeline::{self, Outcome};
use kpid::source::Sources;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, raw_sql};
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

/// A folder that is removed at the end of the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        let name = format!("{:016x}", RandomState::new().hash_one(()));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file below the folder, at once so that nobody reads half of it, and gives its path.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let (path, half) = (self.0.join(name), self.0.join("half"));
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&half, text).expect("a file");
        std::fs::rename(half, &path).expect("a file");
        path
    }

    /// Makes the SQLite file `NAME.db` and gives its URL.
    pub async fn sqlite(&self, name: &str, sql: &str) -> String {
        let path = self.0.join(format!("{name}.db"));
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&options).await.expect("a new file");
        raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.expect("the test's own SQL");
        connection.close().await.expect("closed");
        format!("sqlite://{}", path.display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What can't be removed lies below target/ and harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A catalogue in use.
pub struct Installation {
    pub catalog: Catalog,
}

impl Installation {
    /// Loads a folder of YAML with the given environment.
    pub fn load(folder: &Path, env: &BTreeMap<String, String>) -> Installation {
        match Catalog::load(folder, &|name| env.get(name).cloned()) {
            Ok(loaded) => Installation { catalog: loaded.catalog },
            Err(problems) => panic!("{problems}"),
        }
    }

    /// Loads one YAML text, with `DB` as the URL of its database.
    pub fn of_yaml(folder: &Folder, yaml: &str, url: &str) -> Installation {
        folder.write("kpis/all.yaml", yaml);
        Installation::load(&folder.path().join("kpis"), &BTreeMap::from([("DB".to_owned(), url.to_owned())]))
    }

    pub fn calendar(&self) -> &Calendar {
        &self.catalog.settings.calendar
    }

    /// Every KPI of the catalogue, measured in one period, beside the one before and the year before.
    pub async fn measure_all(&self, period: &str) -> Outcome {
        let period = self.calendar().parse(period).expect("a period");
        let compare = vec![Comparison::Previous, Comparison::YearAgo];
        let request = Request { kpis: self.catalog.kpis.clone(), period, compare, trend: 4, top: kpid::report::TOP };
        let sources = Sources::new(self.catalog.databases.values().cloned());
        pipeline::measure(&self.catalog, &sources, &request, self.calendar(), period.window.end, |_| {}).await
    }
}

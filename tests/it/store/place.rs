//! Where a test's store is: a file or a database of its own, gone at its end.

use crate::servers::{self, Database};
use kpid::secret::Secret;
use kpid::store::{Role, Store};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection, Row, raw_sql};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

pub struct Place {
    url: String,
    /// Past the pooler, if there is one.
    direct: String,
    _home: Home,
}

/// Held so that it goes with the test.
#[expect(dead_code, reason = "nothing but dropped")]
enum Home {
    Folder(Folder),
    Lent,
    Database(Database),
}

/// A folder that goes with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("kpid-store-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

impl Place {
    pub fn sqlite() -> Place {
        let folder = Folder::new();
        let place = Place::in_folder(folder.0.clone());
        Place { _home: Home::Folder(folder), ..place }
    }

    /// In a folder that somebody else removes.
    pub fn in_folder(folder: PathBuf) -> Place {
        let url = format!("sqlite://{}", folder.join("kpid.db").display());
        Place { direct: url.clone(), url, _home: Home::Lent }
    }

    pub fn postgres() -> Option<Place> {
        servers::postgres().map(Place::of)
    }

    pub fn pgbouncer() -> Option<Place> {
        servers::pgbouncer().map(Place::of)
    }

    fn of(database: Database) -> Place {
        Place { url: database.url().to_owned(), direct: database.direct().to_owned(), _home: Home::Database(database) }
    }

    /// The path of a SQLite store.
    pub fn file(&self) -> PathBuf {
        self.url.strip_prefix("sqlite://").expect("it is a file").into()
    }

    pub fn is_file(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    pub fn url(&self) -> Secret {
        Secret::new(self.url.clone())
    }

    pub async fn open(&self) -> Store {
        Store::open(&self.url(), Role::Daemon, 4, super::now()).await.unwrap()
    }

    /// How often `text` stands in the files of a SQLite store, in any case of letters.
    pub fn traces(&self, text: &str) -> usize {
        let Home::Folder(folder) = &self._home else { panic!("a store in a file") };
        let files = std::fs::read_dir(&folder.0).unwrap().map(|file| file.unwrap().path());
        let count = |file: PathBuf| {
            let bytes = std::fs::read(file).unwrap().to_ascii_lowercase();
            bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
        };
        files.map(count).sum()
    }

    /// As many nodes: on a file, where there is one daemon, as many tasks of it.
    pub async fn nodes(&self, count: usize) -> Vec<Store> {
        let mut nodes = vec![self.open().await];
        while nodes.len() < count {
            nodes.push(if self.is_file() { nodes[0].clone() } else { self.open().await });
        }
        nodes
    }

    /// Runs statements behind the store's back.
    pub async fn run(&self, sql: &str) {
        let sql = raw_sql(AssertSqlSafe(sql.to_owned()));
        if self.is_file() {
            sql.execute(&mut SqliteConnection::connect(&self.direct).await.unwrap()).await.unwrap();
        } else {
            sql.execute(&mut PgConnection::connect(&self.direct).await.unwrap()).await.unwrap();
        }
    }

    /// The column `answer` as text, its rows joined with commas.
    pub async fn ask(&self, sql: &str) -> String {
        let sql = raw_sql(AssertSqlSafe(format!("SELECT CAST(answer AS TEXT) FROM ({sql}) AS asked")));
        let rows: Vec<Option<String>> = if self.is_file() {
            let rows = sql.fetch_all(&mut SqliteConnection::connect(&self.direct).await.unwrap()).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        } else {
            let rows = sql.fetch_all(&mut PgConnection::connect(&self.direct).await.unwrap()).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        };
        rows.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>().join(",")
    }
}

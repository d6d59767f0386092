//! The sample company in databases that are thrown away afterwards.

use jiff::civil::{Date, date};
use kpid::demo::{self, Company, DATABASES, Scale};
use kpid::query::Engine;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, raw_sql};
use std::path::{Path, PathBuf};

/// The day the company is seen on: the Monday after 2026-W46.
pub const TODAY: Date = date(2026, 11, 16);

const SEED: u64 = 1;

/// A folder below the build's own.
pub fn folder(name: &str) -> std::io::Result<PathBuf> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&path)?;
    Ok(path)
}

/// Where the three databases stand.
pub struct Home {
    urls: Vec<String>,
    kind: Kind,
}

enum Kind {
    Folder(PathBuf),
    /// The server that holds them.
    Server(String),
}

impl Home {
    pub async fn sqlite(sessions: u32) -> anyhow::Result<Home> {
        let folder = folder(&format!("company-{sessions}"))?;
        demo::build(&folder, SEED, TODAY, Scale { sessions }).await?;
        let url = |name| format!("sqlite://{}", folder.join(format!("{name}.db")).display());
        Ok(Home { urls: DATABASES.into_iter().map(url).collect(), kind: Kind::Folder(folder) })
    }

    pub async fn postgres(server: &str, sessions: u32) -> anyhow::Result<Home> {
        let (base, _) =
            server.rsplit_once('/').ok_or_else(|| anyhow::anyhow!("KPID_TEST_POSTGRES names no database"))?;
        let company = Company::new(SEED, TODAY, Scale { sessions });
        let mut urls = Vec::new();
        for database in DATABASES {
            let name = format!("kpid_bench_{}_{database}", std::process::id());
            execute(server, [format!("CREATE DATABASE {name}")]).await?;
            let url = format!("{base}/{name}");
            execute(&url, company.statements(database, Engine::Postgres)).await?;
            // The planner's numbers, and no vacuum by the server itself in the middle of a run.
            execute(&url, ["VACUUM ANALYZE".to_owned()]).await?;
            urls.push(url);
        }
        Ok(Home { urls, kind: Kind::Server(server.to_owned()) })
    }

    /// What the shipped catalogue reads its databases' URLs from.
    pub fn env(&self) -> Vec<(String, String)> {
        let names = DATABASES.map(|name| format!("{}_URL", name.to_uppercase()));
        names.into_iter().zip(self.urls.iter().cloned()).collect()
    }

    pub async fn remove(self) -> anyhow::Result<()> {
        match self.kind {
            Kind::Folder(folder) => std::fs::remove_dir_all(folder)?,
            Kind::Server(server) => {
                let name = |url: &String| url.rsplit('/').next().unwrap_or_default().to_owned();
                execute(&server, self.urls.iter().map(|url| format!("DROP DATABASE {} WITH (FORCE)", name(url))))
                    .await?;
            }
        }
        Ok(())
    }
}

async fn execute(url: &str, statements: impl IntoIterator<Item = String>) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    for statement in statements {
        connection.execute(raw_sql(AssertSqlSafe(statement))).await?;
    }
    connection.close().await
}

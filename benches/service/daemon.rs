//! `kpid run` on a folder of its own, with a store that is thrown away.

use crate::home::folder;
use anyhow::{Context, ensure};
use jiff::Timestamp;
use kpid::secret::Secret;
use kpid::store::{Role, Store};
use sqlx::{Connection, Executor};
use std::fs::File;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where stores are made.
#[derive(Debug, Clone)]
pub enum Place {
    Sqlite,
    /// The server.
    Postgres(String),
}

impl Place {
    pub fn all() -> Vec<Place> {
        let server = std::env::var("KPID_TEST_POSTGRES").ok().map(Place::Postgres);
        [Place::Sqlite].into_iter().chain(server).collect()
    }

    pub fn name(&self) -> &'static str {
        match self {
            Place::Sqlite => "SQLite",
            Place::Postgres(_) => "PostgreSQL",
        }
    }
}

/// A folder with YAML, and an empty store.
pub struct Home {
    pub folder: PathBuf,
    pub store: String,
    place: Place,
}

impl Home {
    /// `yaml` follows settings that name the store; it has no `settings:` of its own.
    pub async fn new(place: &Place, name: &str, mail: &str, yaml: &str) -> anyhow::Result<Home> {
        let folder = folder(&format!("{name}-{}", place.name()))?;
        let store = match place {
            Place::Sqlite => format!("sqlite://{}", folder.join("kpid.db").display()),
            Place::Postgres(server) => {
                let database = format!("kpid_bench_{}_{name}", std::process::id());
                execute(server, &format!("CREATE DATABASE {database}")).await?;
                let (base, _) = server.rsplit_once('/').context("KPID_TEST_POSTGRES names no database")?;
                format!("{base}/{database}")
            }
        };
        std::fs::create_dir_all(folder.join("kpis"))?;
        let web = format!("web: {{ listen: \"127.0.0.1:{}\" }}", free_port()?);
        let settings = format!("settings: {{ language: en, timezone: UTC, store: \"{store}\", {web}, {mail} }}\n");
        std::fs::write(folder.join("kpis/settings.yaml"), settings)?;
        std::fs::write(folder.join("kpis/all.yaml"), yaml)?;
        Ok(Home { folder, store, place: place.clone() })
    }

    pub fn kpis(&self) -> PathBuf {
        self.folder.join("kpis")
    }

    pub async fn store(&self) -> anyhow::Result<Store> {
        Ok(Store::open(&Secret::new(self.store.clone()), Role::Tool, 4, Timestamp::now()).await?)
    }

    pub async fn remove(self) -> anyhow::Result<()> {
        std::fs::remove_dir_all(&self.folder)?;
        if let Place::Postgres(server) = &self.place {
            let database = self.store.rsplit('/').next().unwrap_or_default();
            execute(server, &format!("DROP DATABASE {database} WITH (FORCE)")).await?;
        }
        Ok(())
    }
}

async fn execute(server: &str, sql: &str) -> anyhow::Result<()> {
    let mut connection = sqlx::postgres::PgConnection::connect(server).await?;
    connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))).await?;
    Ok(connection.close().await?)
}

/// A port that was free a moment ago.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A process that ends with its owner.
pub struct Running {
    child: Child,
    pub log: PathBuf,
}

impl Running {
    pub fn kpid(home: &Home) -> anyhow::Result<Running> {
        let log = home.folder.join("log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_kpid"));
        command.arg("--dir").arg(home.kpis()).args(["run", "--log", "json"]).stderr(File::create(&log)?);
        Ok(Running { child: command.spawn()?, log })
    }

    /// Postfix's test server, which takes everything and keeps nothing; gives its port.
    pub fn sink() -> anyhow::Result<(Running, u16)> {
        let port = free_port()?;
        let mut command = Command::new(postfix("smtp-sink"));
        if rustix::process::getuid().is_root() {
            command.args(["-u", "nobody"]);
        }
        command.arg(format!("127.0.0.1:{port}")).arg("1000").stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().context("start smtp-sink (tests/servers/install)")?;
        let until = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            ensure!(Instant::now() < until, "smtp-sink does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok((Running { child, log: PathBuf::new() }, port))
    }

    /// A line of `/proc/PID/status`, in its own unit.
    pub fn status(&self, key: &str) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(key)).context("a line of /proc/PID/status")?;
        let number = line.trim_start_matches(':').split_whitespace().next().context("a number")?;
        Ok(number.parse()?)
    }

    /// CPU time of all its threads.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
    }

    /// How often its threads gave the processor away by themselves.
    pub fn wakeups(&self) -> anyhow::Result<u64> {
        let mut all = 0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let status = std::fs::read_to_string(thread?.path().join("status"))?;
            let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            all += line.unwrap_or("0").trim().parse::<u64>()?;
        }
        Ok(all)
    }

    /// Waits until the log holds `text`.
    pub async fn says(&self, text: &str, count: usize) -> anyhow::Result<()> {
        let log = self.log.clone();
        wait(Duration::from_secs(60), move || holds(&log, text, count))
            .await
            .with_context(|| format!("`{text}` in the log"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn holds(log: &Path, text: &str, count: usize) -> anyhow::Result<bool> {
    Ok(std::fs::read_to_string(log)?.matches(text).count() >= count)
}

/// Until `done`.
pub async fn wait(most: Duration, mut done: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let until = Instant::now() + most;
    while !done()? {
        ensure!(Instant::now() < until, "it did not come in {most:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Where Debian keeps Postfix's programs.
pub fn postfix(program: &str) -> PathBuf {
    ["/usr/sbin", "/usr/lib/postfix/sbin", "/usr/bin"]
        .into_iter()
        .map(|folder| Path::new(folder).join(program))
        .find(|path| path.exists())
        .unwrap_or_else(|| program.into())
}

//! A store is opened whole and by whom it belongs to, or not at all.

use super::place::{Folder, Place};
use super::{claimed_run, edition, name, now, on_each_store};
use kpid::secret::Secret;
use kpid::store::{Role, Store, StoreError};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

async fn refusal(url: &str, role: Role) -> String {
    match Store::open(&Secret::new(url), role, 2, now()).await {
        Err(StoreError::Refused(why)) => why,
        other => panic!("{url}: {other:?}"),
    }
}

fn url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

/// A store with a run, its mail and an open claim, all of it in its main file.
async fn used_store(place: &Place) -> Vec<u8> {
    let store = place.open().await;
    let claim = claimed_run(&store, "sales", "n").await;
    assert!(store.finish_run(&claim, &edition(&["ana@example.com"]), now()).await.unwrap());
    drop(store);
    place.run("PRAGMA wal_checkpoint(TRUNCATE)").await;
    fs::read(place.file()).unwrap()
}

on_each_store! {
    /// A24, DS-5: what was there is there, and names are made as before.
    async fn store_that_is_opened_again_is_the_same(place: Place) {
        let store = place.open().await;
        let (run, install) = (store.order(&name("sales"), "1", now()).await.unwrap(), store.install().clone());
        drop(store);
        let store = place.open().await;
        assert_eq!(store.install(), &install);
        assert_eq!(store.order(&name("sales"), "1", now()).await.unwrap(), run);
        place.run("DELETE FROM run").await;
        assert_eq!(store.order(&name("sales"), "1", now()).await.unwrap(), run);
    }

    /// HA-4, DS-4: any number of daemons may start at once on a server; on a file it is one.
    async fn first_opened_by_many_at_once_it_is_made_once(place: Place) {
        let url = place.url();
        let opening = (0..8).map(|_| {
            let url = url.clone();
            tokio::spawn(async move { Store::open(&url, Role::Daemon, 2, now()).await })
        });
        let mut stores = Vec::new();
        for opened in opening.collect::<Vec<_>>() {
            match opened.await.unwrap() {
                Ok(store) => stores.push(store),
                Err(error) => assert!(place.is_file() && error.to_string().contains("is in use by another daemon"), "{error}"),
            }
        }
        assert_eq!(stores.len(), if place.is_file() { 1 } else { 8 });
        assert!(stores.iter().all(|store| store.install() == stores[0].install()));
        assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM meta").await, "2");
    }

    /// A23
    async fn store_of_a_newer_version_is_left_alone(place: Place) {
        drop(place.open().await);
        place.run("UPDATE meta SET value = '99' WHERE key = 'schema_version'").await;
        let why = refusal(place.url().expose(), Role::Daemon).await;
        assert!(why.starts_with("the store has schema 99 and this kpid, 0.1.0, knows none after 1"), "{why}");
        assert!(why.ends_with("a newer kpid has used it; start that one, or a later"), "{why}");
    }

    async fn tool_makes_nothing(place: Place) {
        let why = refusal(place.url().expose(), Role::Tool).await;
        assert!(why.ends_with("the daemon makes it when it starts"), "{why}");
        let daemon = place.open().await;
        daemon.order(&name("sales"), "1", now()).await.unwrap();
        let tool = Store::open(&place.url(), Role::Tool, 1, now()).await.unwrap();
        tool.order(&name("sales"), "2", now()).await.unwrap();
        assert_eq!(tool.install(), daemon.install());
        assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM run").await, "2");
        drop((daemon, tool));
        place.run("UPDATE meta SET value = '0' WHERE key = 'schema_version'").await;
        let why = refusal(place.url().expose(), Role::Tool).await;
        assert!(why.contains("schema 0") || why.ends_with("the daemon makes it when it starts"), "{why}");
    }

    async fn store_without_its_id_is_refused(place: Place) {
        drop(place.open().await);
        place.run("DELETE FROM meta WHERE key = 'install'").await;
        let why = refusal(place.url().expose(), Role::Daemon).await;
        assert_eq!(why, "the store has lost its `install` id: restore a backup");
    }
}

/// DS-4
#[tokio::test]
async fn second_daemon_on_a_file_is_refused_and_told_whose_it_is() {
    let place = Place::sqlite();
    let store = place.open().await;
    let why = refusal(place.url().expose(), Role::Daemon).await;
    let holder = format!("is in use by another daemon (pid {} on ", std::process::id());
    assert!(why.contains(&holder) && why.ends_with("): stop that one first"), "{why}");
    drop(store);
    place.open().await;
}

/// E-17
#[tokio::test]
async fn files_are_for_their_owner_alone() {
    let place = Place::sqlite();
    let _store = place.open().await;
    let mut names = Vec::new();
    for file in place.file().parent().unwrap().read_dir().unwrap().map(Result::unwrap) {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
        names.push(file.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["kpid.db", "kpid.db-shm", "kpid.db-wal", "kpid.db.lock"]);
}

/// DS-3: wherever the file was cut off, it is refused, told how to restore, and left as it is.
#[tokio::test]
async fn truncated_file_is_refused_and_never_made_anew() {
    let place = Place::sqlite();
    let whole = used_store(&place).await;
    assert!(whole.len() > 80_000);
    let ends =
        [0, 1, 15, 16, 99, 100, 511, 512, 1000, 4095, 4096, 4097].into_iter().chain((8192..whole.len()).step_by(3584));
    for end in ends {
        let folder = Folder::new();
        let file = folder.0.join("cut.db");
        fs::write(&file, &whole[..end]).unwrap();
        for role in [Role::Daemon, Role::Tool] {
            let opened = Store::open(&Secret::new(url(&file)), role, 1, now()).await;
            let Err(error) = opened else {
                panic!("cut after {end} of {} bytes it was opened by a {role:?}", whole.len())
            };
            assert!(matches!(error, StoreError::Refused(_)), "{end}: {error:?}");
            let why = error.to_string();
            assert!(why.contains("cut.db ") && why.contains("To restore: stop kpid"), "{end}: {why}");
        }
        assert!(fs::read(&file).unwrap() == whole[..end], "{end}");
    }
}

/// DS-3
#[tokio::test]
async fn file_with_a_page_of_garbage_is_refused() {
    let place = Place::sqlite();
    let whole = used_store(&place).await;
    for page in (0..whole.len()).step_by(4096) {
        let folder = Folder::new();
        let file = folder.0.join("bad.db");
        let mut bad = whole.clone();
        bad[page..page + 4096].fill(0xA5);
        fs::write(&file, &bad).unwrap();
        let why = refusal(&url(&file), Role::Daemon).await;
        assert!(
            (why.contains("bad.db is damaged (") || page == 0) && why.contains("To restore: stop kpid"),
            "{page}: {why}"
        );
        assert!(fs::read(&file).unwrap() == bad, "{page}");
    }
}

/// DS-3: the file is gone, but what was last written to it is there.
#[tokio::test]
async fn file_that_is_gone_is_not_made_anew_over_its_log() {
    let folder = Folder::new();
    let file = folder.0.join("kpid.db");
    fs::write(folder.0.join("kpid.db-wal"), "…").unwrap();
    let why = refusal(&url(&file), Role::Daemon).await;
    assert!(why.contains("kpid.db is gone, and its ") && why.contains("To restore: stop kpid"), "{why}");
    assert!(!file.exists());
}

/// A start that was killed half-way leaves a draft; the next makes the store.
#[tokio::test]
async fn draft_of_a_start_that_was_killed_is_no_store() {
    let place = Place::sqlite();
    let draft = place.file().with_file_name("kpid.db.new");
    fs::write(&draft, "half").unwrap();
    fs::write(draft.with_file_name("kpid.db.new-wal"), "half").unwrap();
    place.open().await.order(&name("sales"), "1", now()).await.unwrap();
    assert!(!draft.exists());
}

#[tokio::test]
async fn url_that_names_no_place_for_a_store_is_refused() {
    let folder = Folder::new();
    let missing = folder.0.join("missing");
    let why = refusal(&url(&missing.join("kpid.db")), Role::Daemon).await;
    assert!(why.ends_with("; make it, and let the user that runs kpid write there"), "{why}");
    assert!(why.contains(&format!("there is no folder {}", missing.display())) && !missing.exists(), "{why}");
    assert!(refusal(&url(&folder.0), Role::Daemon).await.ends_with("is a folder: name a file in it"));
    for url in ["sqlite::memory:", "sqlite://kpid.db?mode=ro"] {
        let why = "the URL of a SQLite store is `sqlite://` and the path of a file, nothing more";
        assert_eq!(refusal(url, Role::Daemon).await, why);
    }
    let why = "the store's URL begins neither with `sqlite://` nor with `postgres://`";
    assert_eq!(refusal("mysql://ana:s3cr3t@db/kpid", Role::Daemon).await, why);
    assert!(!refusal("postgres://ana:s3cr3t@db/kpid?sslmode=maybe", Role::Daemon).await.contains("s3cr3t"));
}

#[tokio::test]
async fn database_of_another_program_is_left_alone() {
    let place = Place::sqlite();
    fs::write(place.file(), "").unwrap();
    place.run("CREATE TABLE meta (key TEXT, value TEXT)").await;
    let why = refusal(place.url().expose(), Role::Daemon).await;
    assert_eq!(why, "the database has a table `meta` that is not kpid's: give kpid a database of its own");
    place.run("DROP TABLE meta; CREATE TABLE mine (a)").await;
    let why = refusal(place.url().expose(), Role::Daemon).await;
    assert!(why.contains("kpid.db holds none of kpid's tables"), "{why}");
    let Some(place) = Place::postgres() else { return };
    place.run("CREATE TABLE event (mine int)").await;
    let why = refusal(place.url().expose(), Role::Daemon).await;
    assert!(why.starts_with("can't make the tables: ") && why.contains("\"event\" already exists"), "{why}");
    assert!(why.ends_with("give kpid a database of its own, whose owner it is"), "{why}");
}

/// DS-5: a server that is down is no reason to give up.
#[tokio::test]
async fn server_that_does_not_answer_may_come_back() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://ana:s3cr3t@{}/kpid", listener.local_addr().unwrap());
    drop(listener);
    let Err(StoreError::Database(why)) = Store::open(&Secret::new(url), Role::Daemon, 1, now()).await else { panic!() };
    assert!(why.contains("refused") && !why.contains("s3cr3t"), "{why}");
}

/// A16: a server whose commits may be lost is asked for ones that may not, through a pooler as well.
#[tokio::test]
async fn commits_on_a_server_are_durable_whatever_its_settings() {
    for place in [Place::postgres(), Place::pgbouncer()].into_iter().flatten() {
        let store = place.open().await;
        place
            .run(
                "ALTER DATABASE CURRENT_NAME SET synchronous_commit = off;"
                    .replace("CURRENT_NAME", &place.ask("SELECT current_database() AS answer").await)
                    .as_str(),
            )
            .await;
        assert_eq!(place.ask("SELECT current_setting('synchronous_commit') AS answer").await, "off");
        place
            .run(
                "CREATE TABLE seen (setting text, patience text);
                 CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES
                     (current_setting('synchronous_commit'), current_setting('idle_in_transaction_session_timeout'));
                     RETURN NEW; END $$;
                 CREATE TRIGGER see BEFORE INSERT ON run FOR EACH ROW EXECUTE FUNCTION see()",
            )
            .await;
        store.order(&name("sales"), "1", now()).await.unwrap();
        assert_eq!(place.ask("SELECT setting || ' ' || patience AS answer FROM seen").await, "on 10s");
    }
}

/// DS-6, A16: a power cut leaves the log up to some byte. What was answered is synced, so that at most the last, unanswered, is lost;
/// what is left is a whole store.
#[tokio::test]
async fn log_cut_off_anywhere_leaves_a_whole_store() {
    let place = Place::sqlite();
    let store = place.open().await;
    for n in 0..12 {
        store.order(&name("sales"), &n.to_string(), now()).await.unwrap();
    }
    let (main, log) = (fs::read(place.file()).unwrap(), fs::read(place.file().with_file_name("kpid.db-wal")).unwrap());
    let mut before = 0;
    for end in (0..=log.len()).step_by(log.len() / 40).chain([log.len()]) {
        let cut = Place::sqlite();
        fs::write(cut.file(), &main).unwrap();
        fs::write(cut.file().with_file_name("kpid.db-wal"), &log[..end]).unwrap();
        let opened = cut.open().await;
        assert_eq!(opened.install(), store.install());
        let runs: usize = cut.ask("SELECT COUNT(*) AS answer FROM run").await.parse().unwrap();
        assert_eq!(cut.ask("SELECT COUNT(*) AS answer FROM event").await, runs.to_string());
        assert!(runs >= before, "{end}: {runs} after {before}");
        before = runs;
    }
    assert_eq!(before, 12);
}

/// DS-5: a server that was restarted is used again, without another start of kpid.
#[tokio::test]
async fn sessions_that_the_server_ended_are_replaced() {
    for place in [Place::postgres(), Place::pgbouncer()].into_iter().flatten() {
        let store = place.open().await;
        let first = store.order(&name("sales"), "1", now()).await.unwrap();
        let ended = "SELECT COUNT(pg_terminate_backend(pid)) AS answer FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
        assert_ne!(place.ask(ended).await, "0");
        let mut again = store.order(&name("sales"), "1", now()).await;
        // What was under way when it happened may fail, once a session.
        for _ in 0..4 {
            if let Err(error) = again {
                assert!(matches!(error, StoreError::Database(_)), "{error:?}");
                again = store.order(&name("sales"), "1", now()).await;
            }
        }
        assert_eq!(again.unwrap(), first);
    }
}

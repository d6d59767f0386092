use super::*;
use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use tokio::time::timeout;

/// A folder of its own, an environment, and what is seen of edits.
struct Bench {
    dir: PathBuf,
    env: Arc<Mutex<HashMap<String, String>>>,
}

/// Longer than any look takes on a busy machine; nothing waits for it unless a test fails.
const DEADLINE: Duration = Duration::from_secs(60);

/// Only an event of the watch asks for a look.
const WATCHED: Pace = Pace { quiet: Duration::from_millis(100), poll: Duration::from_secs(3600), ..PACE };

/// The net alone: what the watch reports is looked at far too late.
const POLLED: Pace =
    Pace { quiet: Duration::from_secs(3600), patience: Duration::from_secs(3600), poll: Duration::from_millis(20) };

const BASE: &str = "
settings: { language: en, timezone: Europe/Madrid }
databases:
  crm: { url: 'sqlite://crm.db' }
sources:
  leads: { database: crm, sql: 'SELECT n FROM leads WHERE day >= :start', measures: [n] }
kpis:
  leads: { formula: leads.n, good: up }
people:
  ana: { email: ana@example.com }
";

fn reports(names: &[&str]) -> String {
    let one =
        |name: &&str| format!("  {name}: {{ period: week, to: [ana], sections: [{{ title: A, kpis: [leads] }}] }}\n");
    "reports:\n".to_owned() + &names.iter().map(one).collect::<String>()
}

impl Bench {
    fn new(test: &str) -> Bench {
        let dir = std::env::temp_dir().join(format!("kpid-reload-{}-{test}", std::process::id()));
        let bench = Bench { dir, env: Arc::default() };
        bench.write("kpis/base.yaml", BASE);
        bench.write("kpis/reports.yaml", &reports(&["weekly"]));
        bench
    }

    fn kpis(&self) -> PathBuf {
        self.dir.join("kpis")
    }

    /// At once: no look sees half of it.
    fn write(&self, name: &str, text: &str) {
        let (path, half) = (self.dir.join(name), self.dir.join("half"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&half, text).unwrap();
        fs::rename(half, path).unwrap();
    }

    fn set(&self, name: &str, value: &str) {
        self.env.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    fn reloads(&self, pace: Pace) -> Reloads {
        let env = Arc::clone(&self.env);
        let env: Arc<Environment> = Arc::new(move |name| env.lock().unwrap().get(name).cloned());
        let (current, _) = Installation::load(&self.kpis(), &*env).unwrap();
        Reloads::with_pace(Arc::new(current), env, pace)
    }

    /// Once the folder is covered: what is edited from now on is an event.
    async fn watched(&self) -> Reloads {
        let mut reloads = self.reloads(WATCHED);
        reloads.force();
        assert!(matches!(next(&mut reloads).await, Outcome::Unchanged));
        reloads
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // What is left in the folder for temporary files harms nobody.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

async fn next(reloads: &mut Reloads) -> Outcome {
    timeout(DEADLINE, reloads.next()).await.expect("an outcome in time")
}

async fn taken(reloads: &mut Reloads) -> Arc<Installation> {
    match next(reloads).await {
        Outcome::Taken { installation, .. } => installation,
        other => panic!("{other:?}"),
    }
}

async fn refused(reloads: &mut Reloads) -> Refusal {
    match next(reloads).await {
        Outcome::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

/// Nothing happens within `time`: what was told is all there is to tell.
async fn assert_quiet(reloads: &mut Reloads, time: Duration) {
    let more = timeout(time, reloads.next()).await;
    assert!(more.is_err(), "{more:?}");
}

fn names(installation: &Installation) -> Vec<&str> {
    installation.catalog.reports.keys().map(|name| &**name).collect()
}

/// CF-1
#[tokio::test]
async fn a_broken_edit_is_refused_with_its_place_and_the_old_snapshot_stays() {
    let bench = Bench::new("broken");
    let mut reloads = bench.watched().await;
    let before = Arc::clone(&reloads.current);
    for (yaml, place, why) in [
        ("kpis: [", "b.yaml:1:", "YAML"),
        ("kpsi: {}", "b.yaml:1:1: ", "unknown key `kpsi` in a file; did you mean `kpis`?"),
        ("kpis: { b: { formula: leads, good: up, good: up } }", "b.yaml:1:40: ", "duplicate"),
        ("kpis: { b: { formula: [1], good: up } }", "b.yaml:1:23: ", "expected"),
    ] {
        bench.write("kpis/b.yaml", yaml);
        let refusal = refused(&mut reloads).await;
        let line = refusal.in_a_line();
        assert!(line.starts_with(&bench.kpis().join(place).display().to_string()), "{line}");
        assert!(line.contains(why) && !line.contains('\n'), "{line}");
        assert!(refusal.to_string().contains(" | "), "all of it shows the lines: {refusal}");
        assert!(Arc::ptr_eq(&before, &reloads.current));
    }
    bench.write("kpis/b.yaml", "kpis: { b: { formula: leads, good: up } }");
    assert!(taken(&mut reloads).await.catalog.kpi("b").is_some(), "once it is right it is taken");
}

/// CF-1: the admin is alerted once, not every half minute.
#[tokio::test]
async fn a_failure_is_told_once_and_its_end_as_well() {
    let bench = Bench::new("once");
    let mut reloads = bench.reloads(POLLED);
    bench.write("kpis/b.yaml", "kpsi: {}");
    refused(&mut reloads).await;
    assert_quiet(&mut reloads, POLLED.poll * 10).await;
    bench.write("kpis/b.yaml", "kpsi: {} ");
    assert_quiet(&mut reloads, POLLED.poll * 10).await;
    reloads.force();
    refused(&mut reloads).await;
    fs::remove_file(bench.kpis().join("b.yaml")).unwrap();
    assert!(matches!(next(&mut reloads).await, Outcome::Unchanged));
    assert_quiet(&mut reloads, POLLED.poll * 10).await;
}

/// CF-2
#[tokio::test]
async fn a_burst_of_a_hundred_edits_is_read_once_in_its_final_state() {
    let bench = Bench::new("burst");
    let mut reloads = bench.watched().await;
    for edit in 0..100 {
        let text = reports(&["weekly", &format!("r{edit}")]);
        match edit % 3 {
            // In place, in two halves; over a name of its own as editors do; removed and written anew.
            0 => {
                fs::write(bench.kpis().join("reports.yaml"), &text[..text.len() / 2]).unwrap();
                fs::write(bench.kpis().join("reports.yaml"), &text).unwrap();
            }
            1 => {
                bench.write("kpis/.reports.yaml.swp", &text);
                fs::rename(bench.kpis().join(".reports.yaml.swp"), bench.kpis().join("reports.yaml")).unwrap();
            }
            _ => {
                fs::remove_file(bench.kpis().join("reports.yaml")).unwrap();
                bench.write("kpis/reports.yaml", &text);
            }
        }
    }
    assert_eq!(names(&*taken(&mut reloads).await), ["r99", "weekly"]);
    assert_quiet(&mut reloads, WATCHED.quiet * 5).await;
}

/// CF-2: as Kubernetes swaps what it mounts.
#[cfg(unix)]
#[tokio::test]
async fn a_swapped_link_is_an_edit() {
    use std::os::unix::fs::symlink;
    let bench = Bench::new("link");
    for (version, names) in [("1", &["weekly"][..]), ("2", &["weekly", "monthly"])] {
        bench.write(&format!("kpis/..{version}/reports.yaml"), &reports(names));
    }
    let kpis = bench.kpis();
    fs::remove_file(kpis.join("reports.yaml")).unwrap();
    symlink("..1", kpis.join("..data")).unwrap();
    symlink("..data/reports.yaml", kpis.join("reports.yaml")).unwrap();
    let mut reloads = bench.watched().await;
    symlink("..2", kpis.join("..new")).unwrap();
    fs::rename(kpis.join("..new"), kpis.join("..data")).unwrap();
    assert_eq!(names(&*taken(&mut reloads).await), ["monthly", "weekly"]);
}

/// CF-2: as deployments swap releases. The net finds the new folder, and from then on it is watched.
#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_is_swapped_whole_is_found_and_watched() {
    use std::os::unix::fs::symlink;
    let bench = Bench::new("release");
    let release = |number: u32| bench.dir.join(format!("release{number}"));
    fs::rename(bench.kpis(), release(1)).unwrap();
    symlink(release(1), bench.kpis()).unwrap();
    let mut reloads = bench.watched().await;
    bench.write("release2/base.yaml", BASE);
    bench.write("release2/reports.yaml", &reports(&["monthly", "weekly"]));
    symlink(release(2), bench.dir.join("new")).unwrap();
    fs::rename(bench.dir.join("new"), bench.kpis()).unwrap();
    reloads.pace.poll = Duration::ZERO;
    assert_eq!(names(&*taken(&mut reloads).await), ["monthly", "weekly"]);
    reloads.pace.poll = WATCHED.poll;
    bench.write("kpis/reports.yaml", &reports(&["yearly"]));
    assert_eq!(names(&*taken(&mut reloads).await), ["yearly"]);
}

/// CF-2
#[tokio::test]
async fn what_the_watch_misses_the_regular_look_finds() {
    let bench = Bench::new("missed");
    let mut reloads = bench.reloads(POLLED);
    bench.write("kpis/reports.yaml", &reports(&["daily"]));
    match next(&mut reloads).await {
        Outcome::Taken { installation, gone, .. } => {
            assert_eq!((names(&installation), gone), (vec!["daily"], vec!["weekly".into()]));
        }
        other => panic!("{other:?}"),
    }
}

/// CF-2: the store may lie in the same folder; it is written all the time.
#[tokio::test]
async fn what_no_installation_is_read_from_is_no_edit() {
    let event = |name: &str| Event::new(EventKind::Any).add_path(PathBuf::from("kpis").join(name));
    use notify::{Event, EventKind};
    for name in ["a.yaml", "sub/b.yml", "templates/report.html", "templates/texts/fr.ftl", "..data", "sub", "..2026_11"]
    {
        assert!(watch::edits(&event(name)), "{name}");
    }
    for name in ["kpid.db", "kpid.db-wal", "a.yaml~", ".a.yaml.swp", "report.pdf"] {
        assert!(!watch::edits(&event(name)), "{name}");
    }
}

/// CF-3
#[tokio::test]
async fn a_folder_that_lost_its_reports_or_files_is_refused() {
    let bench = Bench::new("emptied");
    let mut reloads = bench.watched().await;
    let kpis = bench.kpis();
    fs::remove_file(kpis.join("reports.yaml")).unwrap();
    let why = refused(&mut reloads).await.to_string();
    assert_eq!(
        why,
        format!("{} has no report any more, and one is in use; if that is meant, restart kpid", kpis.display())
    );
    fs::remove_file(kpis.join("base.yaml")).unwrap();
    let why = refused(&mut reloads).await.in_a_line();
    assert_eq!(why, format!("{0}: `{0}` holds no `*.yaml` file", kpis.display()));
    reloads.pace.poll = Duration::ZERO;
    fs::remove_dir(&kpis).unwrap();
    let why = refused(&mut reloads).await.in_a_line();
    assert!(why.contains("can't be read: No such file or directory"), "{why}");
    assert_eq!(names(&reloads.current), ["weekly"]);
}

/// CF-4
#[tokio::test]
async fn a_run_keeps_the_snapshot_it_began_with() {
    let bench = Bench::new("kept");
    let mut reloads = bench.watched().await;
    let run = Arc::clone(&reloads.current);
    bench.write("kpis/reports.yaml", &reports(&["monthly"]));
    let new = taken(&mut reloads).await;
    assert_eq!((names(&run), names(&new)), (vec!["weekly"], vec!["monthly"]));
    assert_ne!(run.catalog.version, new.catalog.version);
}

/// E-5
#[tokio::test]
async fn no_secret_shows_in_a_snapshot_or_in_what_is_said_of_one() {
    const CANARY: &str = "canary-7f3a";
    let bench = Bench::new("canary");
    bench.write("secret", CANARY);
    bench.set("SECRET", CANARY);
    let secret = format!("${{file:{}/secret}}", bench.dir.display());
    let urls = format!(
        "settings:
  language: en
  store: 'postgres://kpid:{secret}@db/kpid'
  mail: {{ from: kpis@example.com, server: 'smtp://kpid:${{SECRET}}@mail.example.com' }}
databases:
  crm: {{ url: 'mysql://db/crm?user=kpid&password={secret}' }}
"
    );
    let rest = &BASE[BASE.find("sources:").unwrap()..];
    bench.write("kpis/base.yaml", &(urls.clone() + rest));
    let mut reloads = bench.reloads(POLLED);
    let shown = format!("{0:?} {0:#?}", reloads.current);
    assert!(shown.contains("crm") && !shown.contains(CANARY), "a secret shows");
    // Where each of them is of no use, what is said of it names the place instead.
    for (good, bad) in [
        ("postgres://kpid:", "oracle://kpid:"),
        ("smtp://kpid:${SECRET}@mail.example.com", "${SECRET}"),
        ("smtp://kpid:${SECRET}@mail.example.com", "smtp://kpid:${SECRET}@mail.example.com?tls=off"),
        ("mysql://db/crm?user=kpid&password=", ""),
        ("from: kpis@example.com", "from: '${SECRET}'"),
        ("language: en", "language: '${SECRET}'"),
        ("language: en", "timezone: '${SECRET}'"),
        ("language: en", "currency: '${SECRET}'"),
        ("language: en", "locale: '${SECRET}'"),
        ("language: en", "admin: '${SECRET}'"),
        ("language: en", "web: { listen: '${SECRET}' }"),
        ("language: en", "week_starts: '${SECRET}'"),
    ] {
        let edited = urls.replace(good, bad);
        assert_ne!(edited, urls, "{good}");
        bench.write("kpis/base.yaml", &(edited + rest));
        let refusal = refused(&mut reloads).await;
        for said in [refusal.to_string(), refusal.in_a_line(), format!("{refusal:?}")] {
            assert!(said.contains("base.yaml") && !said.contains(CANARY), "{bad}: {said}");
        }
    }
}

/// F-8, CF-9: a thousand files are read on another thread; what else the daemon does goes on meanwhile.
#[tokio::test]
async fn reading_many_files_keeps_nobody_waiting() {
    let bench = Bench::new("many");
    for file in 0..1000 {
        let kpi = format!("  k{file}: {{ formula: leads.n / previous(leads.n) - 1, unit: percent, good: up }}\n");
        bench.write(&format!("kpis/many/{file}.yaml"), &format!("kpis:\n{kpi}"));
    }
    let started = Instant::now();
    let mut reloads = bench.reloads(POLLED);
    let alone = started.elapsed();
    bench.write("kpis/reports.yaml", &reports(&["monthly"]));
    reloads.force();
    let (mut turns, mut longest, mut last) = (0, Duration::ZERO, Instant::now());
    let outcome = async {
        loop {
            tokio::select! {
                biased;
                outcome = next(&mut reloads) => return outcome,
                () = tokio::task::yield_now() => {}
            }
            (turns, longest, last) = (turns + 1, longest.max(last.elapsed()), Instant::now());
        }
    };
    assert!(matches!(outcome.await, Outcome::Taken { .. }));
    assert!(turns > 10 && longest < alone / 2, "{turns} turns, {longest:?} the longest, {alone:?} to read");
    // A bound that a debug build on a busy machine meets.
    assert!(alone < Duration::from_secs(20), "{alone:?}");
}

/// CF-7
#[tokio::test]
async fn a_rotated_secret_is_a_new_snapshot() {
    let bench = Bench::new("rotated");
    bench.write("secret", "first");
    bench.write("credentials/crm", "one\n");
    bench.set("CREDENTIALS_DIRECTORY", &bench.dir.join("credentials").display().to_string());
    bench.set("USER", "kpid");
    let url = format!("postgres://${{USER}}:${{file:{}/secret}}@db/${{credential:crm}}", bench.dir.display());
    bench.write("kpis/base.yaml", &BASE.replace("sqlite://crm.db", &url));
    let mut reloads = bench.reloads(POLLED);
    let url = |installation: &Installation| installation.catalog.databases["crm"].url.expose().to_owned();
    assert_eq!(url(&reloads.current), "postgres://kpid:first@db/one");
    bench.write("secret", "second");
    assert_eq!(url(&*taken(&mut reloads).await), "postgres://kpid:second@db/one");
    bench.write("credentials/crm", "two");
    assert_eq!(url(&*taken(&mut reloads).await), "postgres://kpid:second@db/two");
    bench.set("USER", "other");
    assert_eq!(url(&*taken(&mut reloads).await), "postgres://other:second@db/two");
    fs::remove_file(bench.dir.join("secret")).unwrap();
    assert!(refused(&mut reloads).await.in_a_line().contains("/secret}`: No such file"));
    bench.write("secret", "third");
    assert_eq!(url(&*taken(&mut reloads).await), "postgres://other:third@db/two");
}

/// CF-1
#[tokio::test]
async fn a_template_is_part_of_the_installation() {
    let bench = Bench::new("template");
    let mut reloads = bench.watched().await;
    bench.write("kpis/templates/subject.txt", "{{ title ");
    assert!(refused(&mut reloads).await.in_a_line().starts_with("template subject.txt:1:"));
    bench.write("kpis/templates/subject.txt", "{{ titel }}");
    let why = refused(&mut reloads).await.in_a_line();
    assert!(why.starts_with("template subject.txt:1:") && why.contains("titel"), "{why}");
    bench.write("kpis/templates/subject.txt", "{{ title }}!");
    taken(&mut reloads).await;
    bench.write("kpis/templates/texts/es.ftl", "notes = Avisos\n");
    taken(&mut reloads).await;
}

/// An outcome is not lost when something else is more urgent meanwhile.
#[tokio::test]
async fn asking_again_loses_nothing() {
    let bench = Bench::new("again");
    let mut reloads = bench.watched().await;
    bench.write("kpis/reports.yaml", &reports(&["monthly"]));
    let outcome = timeout(DEADLINE, async {
        loop {
            tokio::select! {
                biased;
                outcome = reloads.next() => return outcome,
                () = tokio::task::yield_now() => {}
            }
        }
    });
    assert!(matches!(outcome.await.expect("an outcome in time"), Outcome::Taken { .. }));
}

/// Whoever sends SIGHUP waits for an answer, also when a look was under way that found nothing.
#[tokio::test]
async fn every_forced_look_is_answered() {
    let bench = Bench::new("answered");
    let mut reloads = bench.reloads(POLLED);
    while reloads.looking.is_none() {
        tokio::select! {
            biased;
            outcome = reloads.next() => panic!("{outcome:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    reloads.force();
    assert!(matches!(next(&mut reloads).await, Outcome::Unchanged));
    assert_quiet(&mut reloads, POLLED.poll * 10).await;
}

#[tokio::test]
async fn what_takes_effect_only_at_the_next_start_is_named() {
    let bench = Bench::new("fixed");
    let mut reloads = bench.watched().await;
    let before = Arc::clone(&reloads.current);
    let mail = "mail: { from: a@example.com, server: 'smtp://localhost', rate: 5/minute }";
    let web = "web: { listen: '127.0.0.1:1' }";
    let settings = format!("language: en, {mail}, {web}, store: 'sqlite://x.db', admin: b@example.com");
    bench.write("kpis/base.yaml", &BASE.replace("language: en", &settings));
    let after = taken(&mut reloads).await;
    assert_eq!(
        before.fixed(&after),
        ["settings.store", "settings.web", "settings.mail.connections", "settings.mail.rate"]
    );
    assert!(after.fixed(&after).is_empty());
}

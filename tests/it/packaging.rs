//! What an installation consists of beside the binary, judged by the programs that will read it: systemd's own, cargo, and kpid.

use crate::cli;
use crate::installation::Folder;
use crate::servers::say;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn packaged(name: &str) -> String {
    std::fs::read_to_string(root().join("packaging").join(name)).unwrap()
}

/// `None` where the program is not installed, which it is for the command for all tests.
fn ran(program: &str, args: &[&str]) -> Option<Output> {
    match Command::new(program).args(args).output() {
        Ok(output) => Some(output),
        Err(error) => {
            assert!(std::env::var_os("KPID_TEST_ALL").is_none(), "{program}: {error}");
            say(&format!("left out: a test of what is packaged ({program}: {error})"));
            None
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The unit with the binary at hand in place of the installed one, which `verify` wants to see.
fn unit(folder: &Folder) -> PathBuf {
    let unit = packaged("kpid.service").replace("/usr/bin/kpid", env!("CARGO_BIN_EXE_kpid"));
    folder.write("kpid.service", &unit)
}

#[test]
fn unit_holds_nothing_that_systemd_does_not_know() {
    let folder = Folder::new();
    let unit = unit(&folder);
    let Some(verified) = ran("systemd-analyze", &["verify", "--man=no", unit.to_str().unwrap()]) else { return };
    // Other units of this machine are none of ours.
    let said: Vec<_> = text(&verified.stderr).lines().filter(|line| line.contains("kpid")).map(str::to_owned).collect();
    assert!(verified.status.success() && said.is_empty(), "{said:#?}");
}

/// E-16, on systemd's scale from 0, shut off, to 10.
#[test]
fn unit_is_hardened_to_an_exposure_of_at_most_1_5() {
    let folder = Folder::new();
    let unit = unit(&folder);
    let args = ["security", "--offline=true", "--threshold=15", "--no-pager", unit.to_str().unwrap()];
    let Some(judged) = ran("systemd-analyze", &args) else { return };
    assert!(judged.status.success(), "{}", text(&judged.stdout));
}

/// The sandbox answers any other with an error. Of everything but the daemon's own life: YAML, SQLite, threads, files, names, sockets.
#[test]
fn every_system_call_of_kpid_is_one_that_the_unit_allows() {
    let Some(allowed) = allowed_calls() else { return };
    let folder = Folder::new();
    let summary = folder.path().join("calls");
    let traced = |args: &[&str]| {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-c", "-U", "name", "-o"]).arg(&summary).arg(env!("CARGO_BIN_EXE_kpid")).args(args);
        // No name that is found without asking, and nobody there.
        command.current_dir(folder.path()).env_remove("KPID_DIR").env("KPID_MAIL", "smtp://localhost:1");
        assert!(command.output().expect("strace is installed").status.code().is_some_and(|code| code < 2));
        let calls = std::fs::read_to_string(&summary).unwrap();
        let is_call = |line: &&str| !line.starts_with('-') && !matches!(*line, "syscall" | "total");
        calls.lines().map(str::trim).filter(is_call).map(str::to_owned).collect::<BTreeSet<String>>()
    };
    let demo = traced(&["demo", "--date", "2026-11-22", "--sessions", "3000"]);
    let send = traced(&["--dir", "demo/kpis", "send", "weekly_b2b", "--to", "ana"]);
    assert!(demo.contains("fsync") && send.contains("connect"), "{demo:?} {send:?}");
    let refused: Vec<&String> = demo.union(&send).filter(|call| !allowed.contains(*call)).collect();
    assert!(refused.is_empty(), "{refused:?}");
}

/// Of the unit's `SystemCallFilter=` lines, as this machine's systemd understands their groups.
fn allowed_calls() -> Option<BTreeSet<String>> {
    let listed = text(&ran("systemd-analyze", &["syscall-filter", "--no-pager"])?.stdout);
    ran("strace", &["--version"])?;
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut group = "";
    for line in listed.lines() {
        match line.trim() {
            "" => {}
            name if line.starts_with('@') => group = name,
            member if !member.starts_with('#') => groups.entry(group).or_default().push(member),
            _ => {}
        }
    }
    let unit = packaged("kpid.service");
    let mut allowed = BTreeSet::new();
    for filter in unit.lines().filter_map(|line| line.strip_prefix("SystemCallFilter=")) {
        for name in filter.trim_start_matches('~').split(' ') {
            let calls = members(&groups, name);
            if filter.starts_with('~') { allowed.retain(|call| !calls.contains(call)) } else { allowed.extend(calls) }
        }
    }
    // What no process can be without is never taken away.
    allowed.extend(members(&groups, "@default"));
    assert!(allowed.contains("read") && !allowed.contains("mount") && !allowed.contains("chown"), "{allowed:?}");
    Some(allowed)
}

/// The calls of a group, of its groups too; a call is its own.
fn members<'a>(groups: &BTreeMap<&'a str, Vec<&'a str>>, name: &'a str) -> BTreeSet<String> {
    match groups.get(name) {
        Some(inner) => inner.iter().flat_map(|name| members(groups, name)).collect(),
        None => BTreeSet::from([name.to_owned()]),
    }
}

/// As the package's scripts make them, below a folder that stands for the system. Root alone may give files away.
#[test]
fn store_is_the_services_own_and_secrets_can_be_read_by_its_group() {
    if !rustix::process::geteuid().is_root() {
        return say("left out: owners of the installed folders (only root can give files away)");
    }
    let folder = Folder::new();
    folder.write("etc/default/kpid", "");
    folder.write("etc/kpid/secrets/smtp", "");
    let below = format!("--root={}", folder.path().display());
    for (program, args, file) in
        [("systemd-sysusers", None, "kpid.sysusers"), ("systemd-tmpfiles", Some("--create"), "kpid.tmpfile")]
    {
        let file = root().join("packaging").join(file);
        let args: Vec<&str> = args.into_iter().chain([&*below, file.to_str().unwrap()]).collect();
        let Some(made) = ran(program, &args) else { return };
        assert!(made.status.success(), "{}", text(&made.stderr));
    }
    let users = std::fs::read_to_string(folder.path().join("etc/passwd")).unwrap();
    let fields: Vec<&str> = users.trim().split(':').collect();
    assert_eq!((fields[0], fields[5], fields[6]), ("kpid", "/var/lib/kpid", "/usr/sbin/nologin"), "{users}");
    let (user, group) = (fields[2].parse().unwrap(), fields[3].parse().unwrap());
    let owned = |path: &str| {
        let meta = std::fs::metadata(folder.path().join(path)).unwrap();
        (meta.mode() & 0o7777, meta.uid(), meta.gid())
    };
    assert_eq!(owned("var/lib/kpid"), (0o700, user, group));
    assert_eq!(owned("etc/kpid/secrets"), (0o750, 0, group));
    assert_eq!(owned("etc/kpid/secrets/smtp"), (0o640, 0, group));
    assert_eq!(owned("etc/default/kpid"), (0o640, 0, group));
}

#[test]
fn installed_configuration_is_right_at_once() {
    let ran = cli::kpid(&root().join("packaging"), &["--dir", ".", "check"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.ends_with("all right\n"), "{}", ran.out);
}

#[test]
fn what_the_debian_package_is_made_of_is_there() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Json = serde_json::from_slice(&metadata.stdout).unwrap();
    let deb = &metadata["packages"][0]["metadata"]["deb"];
    let sources = deb["assets"].as_array().unwrap().iter().map(|asset| asset[0].as_str().unwrap());
    let missing: Vec<&str> =
        sources.filter(|source| *source != "target/release/kpid" && !root().join(source).is_file()).collect();
    assert_eq!(missing, [""; 0]);
    // Without it cargo-deb makes no scripts, and so no user.
    assert_eq!(deb["maintainer-scripts"], "packaging");
    // Found by name.
    let scripts = root().join(deb["systemd-units"]["unit-scripts"].as_str().unwrap());
    for name in ["kpid.service", "kpid.sysusers", "kpid.tmpfile"] {
        assert!(scripts.join(name).is_file(), "{name}");
    }
}

#[test]
fn what_the_container_is_built_of_is_there_and_sent_along() {
    let dockerfile = packaged("Dockerfile");
    let ignored = std::fs::read_to_string(root().join(".dockerignore")).unwrap();
    let mut kept: Vec<&str> = ignored.lines().filter_map(|line| line.strip_prefix('!')).collect();
    let copied =
        dockerfile.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|line| !line.starts_with("--from"));
    let mut sources: Vec<&str> = copied.flat_map(|line| line.rsplit_once(' ').unwrap().0.split(' ')).collect();
    let missing: Vec<&&str> = sources.iter().filter(|source| !root().join(source).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    sources.sort_unstable();
    kept.sort_unstable();
    assert_eq!(sources, kept, "what is copied, and what .dockerignore lets through");
}

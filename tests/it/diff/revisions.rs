//! What OLD and NEW may be, and what is said of those that are nothing.

use super::{Repository, YAML, edited, kpid};
use crate::installation::Folder;
use crate::servers;
use std::os::unix::fs::PermissionsExt;

#[tokio::test]
async fn two_revisions_are_compared_whatever_the_folder_holds() {
    let Some(repository) = Repository::new().await else { return };
    repository.write(&YAML.replace("target: 10", "target: 12"));
    repository.commit();
    repository.write("settings: {");
    let ran = repository.diff(&["HEAD~1", "main"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("~ target: ≥\u{a0}10 → ≥\u{a0}12"), "{}", ran.out);
    assert!(ran.out.starts_with("HEAD~1:marketing/kpis ("), "{}", ran.out);
    // Also when it holds nothing any more.
    std::fs::remove_dir_all(repository.folder.path().join("marketing")).unwrap();
    assert_eq!(repository.diff(&["HEAD~1", "main"]).out, ran.out);
}

#[tokio::test]
async fn revision_may_name_its_folder_and_folders_need_no_git() {
    let Some(repository) = Repository::new().await else { return };
    repository.folder.write("elsewhere/all.yaml", &YAML.replace("target: 10", "target: 12"));
    for args in [["main:marketing/kpis", "elsewhere"], ["marketing/kpis", "elsewhere"]] {
        let ran = repository.diff(&args);
        assert!(ran.out.contains("~ target: ≥\u{a0}10 → ≥\u{a0}12"), "{}{}", ran.out, ran.err);
    }
    let plain = Folder::new();
    plain.write("a/all.yaml", YAML);
    plain.write("b/all.yaml", &YAML.replace("target: 10", "target: 12"));
    let ran = kpid(plain.path(), &["diff", "a", "b"], &[("PATH", "/nonexistent")]);
    assert!(ran.out.starts_with("a → b\n1 KPI changes\n"), "{}{}", ran.out, ran.err);
}

#[tokio::test]
async fn folder_wins_over_a_revision_of_its_name() {
    let Some(repository) = Repository::new().await else { return };
    repository.folder.write("main/all.yaml", &YAML.replace("target: 10", "target: 12"));
    let ran = repository.diff(&["main"]);
    assert!(ran.out.starts_with("main → marketing/kpis\n1 KPI changes\n"), "{}{}", ran.out, ran.err);
}

#[tokio::test]
async fn neither_work_tree_nor_index_is_touched_not_even_in_a_hook() {
    let Some(repository) = Repository::new().await else { return };
    let index = repository.folder.path().join(".git/index");
    repository.write(&edited());
    let before = std::fs::read(&index).unwrap();
    let env = [("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index"), ("GIT_PREFIX", "")];
    let ran = kpid(repository.folder.path(), &["--dir", "marketing/kpis", "diff"], &env);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(std::fs::read(&index).unwrap(), before);
    assert_eq!(std::fs::read_to_string(repository.folder.path().join("marketing/kpis/all.yaml")).unwrap(), edited());
}

#[tokio::test]
async fn interrupted_diff_leaves_no_revision_behind() {
    let Some(repository) = Repository::new().await else { return };
    // It takes whoever connects, and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://ana@{}/crm", silent.local_addr().unwrap());
    repository.write(&YAML.replace("sqlite://crm.db", &url));
    // As if Ctrl-C came while the files are written.
    let path = std::env::var("PATH").unwrap();
    let script = "#!/bin/sh\ncase \"$*\" in *checkout-index*) kill -INT $PPID ;; esac\n";
    repository.folder.write("bin/git", &format!("{script}PATH=${{PATH#*:}} exec git \"$@\"\n"));
    let git = repository.folder.path().join("bin/git");
    std::fs::set_permissions(&git, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{path}", git.parent().unwrap().display());
    let args = ["--dir", "marketing/kpis", "diff", "--connect"];
    let ran = kpid(repository.folder.path(), &args, &[("PATH", &path)]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (1, "", "error: stopped by Ctrl-C\n"));
}

#[tokio::test]
async fn templates_and_links_of_a_revision_are_read_as_well() {
    let Some(repository) = Repository::new().await else { return };
    repository.folder.write("marketing/kpis/templates/subject.txt", "{{ title }}");
    repository.folder.write("marketing/kpis/notes.pdf", "no part of it");
    std::os::unix::fs::symlink("all.yaml", repository.folder.path().join("marketing/kpis/more.yaml")).unwrap();
    repository.commit();
    std::fs::remove_file(repository.folder.path().join("marketing/kpis/more.yaml")).unwrap();
    // The same things twice: the link was read.
    let ran = repository.diff(&[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("HEAD:marketing/kpis/more.yaml:"), "{}", ran.err);
    repository.commit();
    repository.git(&["rm", "-q", "marketing/kpis/templates/subject.txt"]);
    let ran = repository.diff(&[]);
    assert!(ran.out.ends_with("\n1 template goes\n\n- template subject.txt\n"), "{}{}", ran.out, ran.err);
}

#[tokio::test]
async fn what_is_no_revision_is_explained() {
    let Some(repository) = Repository::new().await else { return };
    let check = |args: &[&str], expected: &str| {
        let ran = repository.diff(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(ran.err.contains(expected), "{args:?}: {}", ran.err);
    };
    check(&["mian"], "error: `mian` is neither a folder nor a git revision\nhelp: did you mean `main`?\n");
    check(
        &["v9.9"],
        "help: `git branch --all`, `git tag` and `git log` show which there are; git says: fatal: Needed a single",
    );
    check(&["main:kpis"], "error: `main` holds no folder `kpis`\nhelp: it may have been added later;");
    check(&["main:marketing/kpis/all.yaml"], "error: `main` holds no folder `marketing/kpis/all.yaml`\n");
    check(&["--", "--output=x"], "help: no revision begins with `-`; a folder can be written ./-name");
    check(&[""], "error: `` is neither a folder nor a git revision");
    check(&["main", "--periods", "3"], "--connect");
    check(&["main", "--connect", "--periods", "0"], "0 is not in 1..=60");
}

#[tokio::test]
async fn what_a_shallow_clone_lacks_can_be_fetched() {
    let Some(repository) = Repository::new().await else { return };
    repository.write(&edited());
    repository.commit();
    let from = format!("file://{}", repository.folder.path().display());
    repository.git(&["clone", "-q", "--depth", "1", &from, "shallow"]);
    let ran = kpid(&repository.folder.path().join("shallow"), &["--dir", "marketing/kpis", "diff", "v9.9"], &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("help: a shallow clone lacks older ones: `git fetch --unshallow`;"), "{}", ran.err);
}

#[tokio::test]
async fn without_repository_or_git_a_revision_is_none() {
    if !servers::has("git", &["--version"]) {
        return;
    }
    let folder = Folder::new();
    folder.write("kpis/all.yaml", YAML);
    let ran = kpid(folder.path(), &["diff"], &[]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.starts_with("error: `HEAD` is no folder, and kpis is in no git repository\nhelp: name a folder"),
        "{}",
        ran.err
    );
    let ran = kpid(folder.path(), &["diff"], &[("PATH", "/nonexistent")]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.starts_with("error: a revision is read with `git`, which can't be run: No such file"),
        "{}",
        ran.err
    );
    assert!(ran.err.ends_with("\nhelp: install git, or name two folders\n"), "{}", ran.err);
}

#[tokio::test]
async fn repository_without_a_commit_says_so() {
    let Some(repository) = Repository::new().await else { return };
    repository.git(&["update-ref", "-d", "HEAD"]);
    let ran = repository.diff(&[]);
    let expected = "error: `HEAD` is neither a folder nor a git revision\nhelp: the repository has no commit yet\n";
    assert_eq!((ran.code, ran.err.as_str()), (2, expected));
}

#[tokio::test]
async fn side_that_cannot_be_used_is_named_with_its_problems() {
    let Some(repository) = Repository::new().await else { return };
    repository.write(&YAML.replace("formula: leads.won,", "formula: leads.wno,"));
    let ran = repository.diff(&[]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("error: NEW can't be used: marketing/kpis\nmarketing/kpis/all.yaml:"), "{}", ran.err);
    repository.commit();
    repository.write("kpis: [");
    let ran = repository.diff(&["--json"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("error: OLD can't be used: HEAD:marketing/kpis ("), "{}", ran.err);
    assert!(
        ran.err.contains("\nHEAD:marketing/kpis/all.yaml:25:") && ran.err.contains("did you mean `won`?"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("\nerror: NEW can't be used: marketing/kpis\n"), "{}", ran.err);
}

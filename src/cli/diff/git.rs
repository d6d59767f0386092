//! A folder as it was in a git revision, by the `git` program.
//!
//! Files come out of git as a checkout would write them (line ends, large files, links), by way of an index of our own: neither the
//! work tree nor the index of the repository is touched. What is written goes into a private folder that is removed with [`Extract`].

use crate::catalog::{Catalog, suggest};
use crate::cli::wrong;
use anyhow::Context;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The files of a revision, in a folder of their own.
pub struct Extract {
    /// Removed on drop, the index in it as well.
    private: PathBuf,
    /// `REV:path`, from the top of the repository.
    pub name: String,
    /// The revision's commit, shortened.
    pub commit: String,
}

impl Extract {
    /// What `dir` held in `revision`, or the folder that `REV:path` names.
    ///
    /// # Errors
    /// `revision` is none, git is not there, or `dir` is in no repository or was not in it then.
    pub fn of(dir: &Path, revision: &str) -> anyhow::Result<Extract> {
        // The folder may have gone since. A relative path ends with nothing, which is where we are.
        let there = |folder: &&Path| folder.as_os_str().is_empty() || folder.is_dir();
        let place = dir.ancestors().find(there).unwrap_or(dir);
        let git = Git { place: if place.as_os_str().is_empty() { Path::new(".") } else { place } };
        let below = dir.strip_prefix(place).unwrap_or(Path::new(""));
        let prefix = git.prefix(revision)?;
        let (commit, path) = match revision.split_once(':') {
            Some((commit, path)) => (commit, PathBuf::from(path)),
            None => (revision, prefix.join(below)),
        };
        let id = git.find(&format!("{commit}^{{commit}}")).map_err(|why| git.unknown(revision, commit, &why))?;
        let path = path.display().to_string();
        let path = path.trim_end_matches('/');
        let tree = git.find(&format!("{id}:{path}")).ok().filter(|tree| git.is_tree(tree)).ok_or_else(|| {
            let help = "it may have been added later; name another revision, or REV:path";
            wrong(format!("`{commit}` holds no folder `{path}`"), Some(help.to_owned()))
        })?;
        let (name, shortened) = (format!("{commit}:{path}"), id.chars().take(9).collect());
        let extract = Extract { private: private_folder()?, name, commit: shortened };
        // An index is read and written from the top only.
        let top = PathBuf::from(git.top()?);
        Git { place: &top }.write(&tree, &extract.private)?;
        Ok(extract)
    }

    /// Where the files are.
    pub fn folder(&self) -> PathBuf {
        self.private.join(FILES)
    }
}

impl Drop for Extract {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.private) {
            eprintln!("warning: {} was left behind: {error}", self.private.display());
        }
    }
}

const FILES: &str = "files";

/// A folder that nobody else may look into.
fn private_folder() -> anyhow::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).context("random numbers")?;
    let path = std::env::temp_dir().join(format!("kpid-diff-{:016x}", u64::from_ne_bytes(random)));
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.create(&path).and_then(|()| std::fs::create_dir(path.join(FILES)));
    made.with_context(|| format!("make {}", path.display())).map(|()| path)
}

/// The repository around a folder.
struct Git<'a> {
    place: &'a Path,
}

impl Git<'_> {
    /// Where `place` lies below the top of its repository.
    fn prefix(&self, revision: &str) -> anyhow::Result<PathBuf> {
        let output = self.run(&["rev-parse", "--show-prefix"])?;
        if output.status.success() {
            return Ok(PathBuf::from(said(&output.stdout)));
        }
        let message = format!("`{revision}` is no folder, and {} is in no git repository", self.place.display());
        Err(wrong(message, Some(format!("name a folder, or use a clone; git says: {}", said(&output.stderr)))))
    }

    fn top(&self) -> anyhow::Result<String> {
        Ok(said(&self.done(&["rev-parse", "--show-toplevel"], None, b"")?))
    }

    /// The object that `name` names; else what git says about it.
    fn find(&self, name: &str) -> Result<String, String> {
        // Without --quiet, which would also hide why.
        match self.run(&["rev-parse", "--verify", "--end-of-options", name]) {
            Ok(output) if output.status.success() => Ok(said(&output.stdout)),
            Ok(output) => Err(said(&output.stderr).replace('\n', "; ")),
            Err(error) => Err(format!("{error:#}")),
        }
    }

    fn is_tree(&self, id: &str) -> bool {
        self.run(&["cat-file", "-t", id]).is_ok_and(|output| said(&output.stdout) == "tree")
    }

    fn unknown(&self, revision: &str, commit: &str, why: &str) -> anyhow::Error {
        let names = self.run(&["for-each-ref", "--format=%(refname:short)"]);
        let names = names.map(|output| said(&output.stdout)).unwrap_or_default();
        // `main~2` begins at `main`.
        let base = commit.split(['~', '^', '@']).next().unwrap_or_default();
        let near = suggest(base, names.lines()).filter(|_| names.lines().all(|name| name != base));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => "the repository has no commit yet".to_owned(),
            None if self.is_shallow() => {
                format!("a shallow clone lacks older ones: `git fetch --unshallow`; git says: {why}")
            }
            None => format!("`git branch --all`, `git tag` and `git log` show which there are; git says: {why}"),
        };
        wrong(format!("`{revision}` is neither a folder nor a git revision"), Some(help))
    }

    fn is_shallow(&self) -> bool {
        self.run(&["rev-parse", "--is-shallow-repository"]).is_ok_and(|output| said(&output.stdout) == "true")
    }

    /// Writes the files of `tree` that an installation reads.
    fn write(&self, tree: &str, private: &Path) -> anyhow::Result<()> {
        let index = private.join("index");
        let with_index = |args: &[&str], input: &[u8]| self.done(args, Some(&index), input);
        with_index(&["read-tree", "--no-sparse-checkout", tree], b"")?;
        let listed = with_index(&["ls-files", "--stage", "-z"], b"")?;
        let wanted: Vec<u8> = listed.split_inclusive(|byte| *byte == 0).filter_map(wanted).flatten().copied().collect();
        let prefix = format!("--prefix={}/", private.join(FILES).display());
        with_index(&["checkout-index", "-z", "--stdin", &prefix], &wanted)?;
        Ok(())
    }

    /// What a git that must succeed prints.
    fn done(&self, args: &[&str], index: Option<&Path>, input: &[u8]) -> anyhow::Result<Vec<u8>> {
        let output = self.start(args, index, input)?;
        anyhow::ensure!(output.status.success(), "git {}: {}", args[0], said(&output.stderr));
        Ok(output.stdout)
    }

    fn run(&self, args: &[&str]) -> anyhow::Result<Output> {
        self.start(args, None, b"")
    }

    fn start(&self, args: &[&str], index: Option<&Path>, input: &[u8]) -> anyhow::Result<Output> {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.place).args(args).env("LC_ALL", "C");
        // A hook sets them for its own repository, relative to its own folder.
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
            command.env_remove(name);
        }
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| {
            let help = "install git, or name two folders";
            wrong(format!("a revision is read with `git`, which can't be run: {error}"), Some(help.to_owned()))
        })?;
        let mut stdin = child.stdin.take().expect("it is piped");
        let written = stdin.write_all(input);
        drop(stdin);
        let output = child.wait_with_output().context("git")?;
        // One that failed early has stopped reading, and says itself why.
        if output.status.success() { written.map(|()| output).context("git") } else { Ok(output) }
    }
}

/// The path, with its end, of an entry that an installation may read: links too, whatever they lead to.
fn wanted(entry: &[u8]) -> Option<&[u8]> {
    let at = entry.iter().position(|byte| *byte == b'\t')?;
    let path = &entry[at + 1..];
    let name = std::str::from_utf8(path.strip_suffix(b"\0").unwrap_or(path)).ok()?;
    let is_link = entry.starts_with(b"120000");
    (is_link || Catalog::reads(Path::new(OsStr::new(name)))).then_some(path)
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

//! The command itself: what it refuses, and where it listens.

use super::installation;
use crate::cli::kpid;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A preview by the real program, which ends with the test.
pub struct Preview {
    program: Child,
    /// Without the fragment.
    pub url: String,
}

impl Preview {
    pub fn start(folder: &Path, database: &str, args: &[&str]) -> Preview {
        let mut program = Command::new(env!("CARGO_BIN_EXE_kpid"))
            .arg("preview")
            .args(args)
            .current_dir(folder)
            .env_remove("KPID_DIR")
            .env("DB", database)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (_, url) = line.trim().split_once(" is shown at ").unwrap_or_else(|| panic!("{line:?}"));
        Preview { program, url: url.to_owned() }
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

#[tokio::test]
async fn what_is_asked_for_wrongly_is_refused_before_anything_is_served() {
    let (folder, url) = installation().await;
    let refused = |args: &[&str], expected: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_kpid"))
            .arg("preview")
            .args(args)
            .current_dir(folder.path())
            .env_remove("KPID_DIR")
            .env("DB", &url)
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {err}");
        assert!(err.contains(expected), "{args:?}: {err}");
    };
    refused(&["weakly"], "there is no report `weakly`\nhelp: did you mean `weekly`?");
    refused(&["--to", "anna"], "there is no person `anna`\nhelp: did you mean `ana`?");
    refused(&["--period", "2999-W01"], "2999-W01 has not begun");
    refused(&["--period", "last wek"], "`last wek`");
    refused(&["weekly", "--period", "2999-W01"], "2999-W01 has not begun");
    refused(&["--listen", "0.0.0.0:0"], "0.0.0.0:0 can be reached by other machines\nhelp: add --allow-remote");
    refused(&["--allow-remote"], "--listen");
    let missing = kpid(folder.path(), &["--dir", "nowhere", "preview"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.starts_with("error: there is no folder `nowhere`\nhelp: "), "{}", missing.err);
    let second = "reports:\n  daily: { period: day, to: [tom], sections: [{ title: All, kpis: [leads_total] }] }\n";
    folder.write("kpis/more.yaml", second);
    refused(&["--period", "2026-W46"], "name the report as well: kpid preview REPORT --period PERIOD");
    refused(&["--period", "2999-W01"], "2999-W01 has not begun");
}

#[tokio::test]
async fn a_port_that_is_taken_is_passed_over_unless_it_was_named() {
    let (folder, url) = installation().await;
    let first = Preview::start(folder.path(), &url, &[]);
    let second = Preview::start(folder.path(), &url, &["--to", "ana", "--period", "2026-W45", "--as-of", "2026-11-16"]);
    let port = |preview: &Preview| preview.url.split([':', '/']).nth(4).unwrap().parse::<u16>().unwrap();
    assert!(port(&first) >= 8322 && port(&second) > port(&first), "{} {}", first.url, second.url);
    assert!(second.url.ends_with("/#report=weekly&to=ana&period=2026-W45"), "{}", second.url);
    let taken = kpid(folder.path(), &["preview", "--listen", &format!("127.0.0.1:{}", port(&first))]);
    assert_eq!(taken.code, 1);
    assert!(taken.err.contains(&format!("listen on 127.0.0.1:{}", port(&first))), "{}", taken.err);
    assert!(taken.err.ends_with("leave out --listen for a free port\n"), "{}", taken.err);
}

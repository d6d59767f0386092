//! The mail server: would it take mail? Nothing is sent to find out.

use super::finding::{Finding, bytes};
use super::{PATIENCE, machine};
use crate::catalog::{Catalog, MailSettings};
use crate::mail::{Deadlines, LARGEST, Needs, Relay, Security, SendError, Server, probe};
use crate::pipeline;
use rustix::fs::{Access, access};
use std::path::Path;

const ABOUT: &str = "mail";

pub async fn check(catalog: &Catalog) -> Vec<Finding> {
    let Some(settings) = &catalog.settings.mail else {
        let help = "add `mail: { from: …, server: … }` to `settings`";
        return vec![Finding::warning(ABOUT, "there is no mail server: nothing can be sent").advice(help)];
    };
    match pipeline::mail_server(settings) {
        Err(error) => vec![Finding::failed(ABOUT, error.to_string())],
        Ok(Server::Folder(folder)) => vec![in_folder(&folder)],
        Ok(Server::Smtp(relay)) => smtp(&relay, settings).await,
    }
}

fn in_folder(folder: &Path) -> Finding {
    let place = folder.display();
    if !folder.exists() {
        return Finding::warning(ABOUT, format!("the folder {place} is not there yet; the first mail makes it"));
    }
    match (access(folder, Access::WRITE_OK), machine::free(folder)) {
        (Err(error), _) => Finding::failed(ABOUT, format!("the folder {place} can't be written: {error}"))
            .advice("let the user that runs kpid write there"),
        (_, Err(error)) => Finding::failed(ABOUT, format!("the folder {place} can't be looked at: {error}")),
        (_, Ok(free)) => Finding::good(ABOUT, format!("mails become files in {place}, {} are free there", bytes(free))),
    }
}

async fn smtp(relay: &Relay, settings: &MailSettings) -> Vec<Finding> {
    // A little less than the whole check, so that the step that hangs is named.
    let step = PATIENCE.mul_f32(0.9);
    let deadlines = Deadlines { connect: step, command: step, ..Deadlines::default() };
    let largest = match probe(relay, &settings.from, &deadlines).await {
        Ok(largest) => largest,
        Err(error) => return vec![refused(&error)],
    };
    let how = match relay.security {
        Security::Tls => "over TLS",
        Security::StartTls => "by STARTTLS",
        Security::Plain => "without encryption",
    };
    let who = relay.login.as_ref().map_or_else(String::new, |(user, _)| format!(", logged in as {user}"));
    let mut findings =
        vec![Finding::good(ABOUT, format!("{} takes mail from {}, {how}{who}", relay.place(), settings.from))];
    if let Some(largest) = largest.filter(|largest| *largest < LARGEST) {
        let what = format!(
            "{} takes mails of {} at most; larger ones go out without attachments",
            relay.place(),
            bytes(largest as u64)
        );
        findings.push(Finding::warning(ABOUT, what).advice("raise the limit there, or attach less"));
    }
    findings
}

fn refused(error: &SendError) -> Finding {
    let finding = Finding::failed(ABOUT, error.to_string());
    match error {
        SendError::Server { needs: Needs::Human, .. } => {
            finding.advice("correct `settings.mail`: server, user, password, `from`")
        }
        _ => finding.advice("is it up, and does the network let this machine through to it?"),
    }
}

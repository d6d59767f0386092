//! The real [`World`]: the wall clock, the installation's sources and templates, its mail server.

use super::failpoint;
use super::installation::{FOLDER, Installation};
use super::world::{MakeError, Making, Point, World};
use crate::calendar::clock;
use crate::catalog::MailAuth;
use crate::mail::{Mail, Needs, SendError, Server, Session};
use crate::outbox::{Artifact, Kind, OnUnknown, Recipient, Run, expires, is_too_late};
use crate::pipeline::{self, Outcome, sender};
use crate::render::{Audience, Event, Notice};
use crate::report::ReportSpec;
use crate::store::Told;
use crate::text::Name;
use crate::web::Board;
use jiff::{SignedDuration, Timestamp};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinSet, spawn_blocking};

pub struct Outside {
    /// What new work is done with.
    pub installation: watch::Receiver<Arc<Installation>>,
    pub board: Board,
}

/// A way to the mail server of the settings; another one after they changed.
pub struct Post {
    url: String,
    auth: MailAuth,
    session: Option<Session>,
}

impl Outside {
    pub fn now_installed(&self) -> Arc<Installation> {
        Arc::clone(&self.installation.borrow())
    }
}

impl World for Outside {
    type Session = Post;

    fn now(&self) -> Timestamp {
        clock::now()
    }

    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn names(&self, report: &Name) -> (Name, Option<Name>) {
        let installation = self.now_installed();
        let spec = installation.catalog.report_or_renamed(report);
        spec.map_or((report.clone(), None), |spec| (spec.id.clone(), spec.was.clone()))
    }

    async fn make(&self, run: &Run, told: Vec<Told>) -> Result<Making, MakeError> {
        let (installation, run, board) = (self.now_installed(), run.clone(), self.board.clone());
        // A task of its own: what panics in it ends this run and no other; and one that is given up ends with its owner.
        let mut task = JoinSet::new();
        task.spawn(make(installation, run, told, board));
        match task.join_next().await {
            Some(Ok(made)) => made,
            Some(Err(error)) => Err(MakeError::Broken(format!("a fault of kpid's: {error}"))),
            None => Err(MakeError::Broken("the run was given up".to_owned())),
        }
    }

    fn session(&self) -> Post {
        Post { url: String::new(), auth: MailAuth::Password, session: None }
    }

    async fn send(
        &self,
        post: &mut Post,
        mail: &Mail,
        go: impl Future<Output = bool> + Send,
        lost: impl Future<Output = ()> + Send,
    ) -> Result<String, SendError> {
        let installation = self.now_installed();
        let refuse = |why: String| {
            let server = "of the settings".to_owned();
            SendError::Server { server, needs: Needs::Human, why, midway: false }
        };
        let Some(settings) = &installation.catalog.settings.mail else {
            return Err(refuse("`settings.mail` is missing".to_owned()));
        };
        let way = (settings.server.expose(), settings.auth);
        if (&*post.url, post.auth) != way || post.session.is_none() {
            let server = pipeline::mail_server(settings).map_err(|error| refuse(error.to_string()))?;
            if let Some(old) = post.session.replace(Session::new(Arc::new(server))) {
                old.close().await;
            }
            (post.url, post.auth) = (way.0.to_owned(), way.1);
        }
        let session = post.session.as_mut().expect("it was just made");
        session.send(mail, go, lost).await
    }

    fn relay(&self) -> String {
        let installation = self.now_installed();
        let server = installation.catalog.settings.mail.as_ref().map(pipeline::mail_server);
        match server {
            Some(Ok(Server::Smtp(relay))) => relay.place(),
            Some(Ok(Server::Folder(folder))) => folder.display().to_string(),
            Some(Err(_)) | None => String::new(),
        }
    }

    fn on_unknown(&self) -> OnUnknown {
        self.now_installed().catalog.settings.mail.as_ref().map(|mail| mail.on_unknown).unwrap_or_default()
    }

    fn letter(&self, event: Event) -> Option<(Artifact, Vec<Recipient>)> {
        let installation = self.now_installed();
        let settings = &installation.catalog.settings;
        let admin = settings.admin.as_ref().filter(|_| settings.mail.is_some())?;
        let person = installation.catalog.stranger(admin);
        let audience = Audience::of(&person);
        let notice =
            Notice { at: self.now(), zone: settings.calendar.zone.clone(), folder: typed(&installation.dir), event };
        let letter = installation.renderer.notice(&notice, &audience).map_err(|error| error.to_string());
        let key = pipeline::key(&audience);
        let frozen = letter.and_then(|letter| {
            pipeline::frozen(&letter, key.clone(), sender(settings), notice.at).map_err(|error| error.to_string())
        });
        let artifact =
            frozen.inspect_err(|error| tracing::error!(error, "a letter to the administrator can't be made")).ok()?;
        Some((artifact, vec![Recipient { name: None, email: admin.clone(), audience: key }]))
    }

    async fn reached(&self, point: Point) {
        failpoint::reached(point).await;
    }
}

/// The folder as a shell reads it; `None` when a command finds it by itself.
fn typed(folder: &Path) -> Option<String> {
    let name = folder.display().to_string();
    let plain = name.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
    let name = if plain { name } else { format!("'{}'", name.replace('\'', "'\\''")) };
    (folder != Path::new(FOLDER)).then_some(name)
}

impl Post {
    /// Ends the connection, if there is one: it has not been needed for a while.
    pub async fn rest(&mut self) {
        if let Some(session) = self.session.take() {
            session.close().await;
        }
    }
}

async fn make(installation: Arc<Installation>, run: Run, told: Vec<Told>, board: Board) -> Result<Making, MakeError> {
    let spec = installation.catalog.report_or_renamed(&run.report).cloned();
    let spec = spec.ok_or_else(|| MakeError::Never(format!("no report `{}` is declared any more", run.report)))?;
    if installation.catalog.settings.mail.is_none() {
        return Err(MakeError::Never("`settings.mail` is missing: nothing can be sent".to_owned()));
    }
    let now = clock::now();
    if run.kind == Kind::Scheduled && is_too_late(&spec, run.slot, run.started.unwrap_or(now)) {
        return Err(MakeError::Late("those before it took so long that it is older than `within` allows".to_owned()));
    }
    let outcome = measured(&installation, &spec, &run, now, &board).await?;
    let failed: Vec<(_, _)> =
        outcome.failures.iter().map(|failure| (failure.source.clone(), failure.why.to_string())).collect();
    let may_pass = outcome.failures.iter().any(|failure| failure.may_pass);
    // Who asks by hand wants it now.
    let hold = held(&outcome, &spec, run.slot).filter(|_| run.kind == Kind::Scheduled);
    let pressed = spawn_blocking(move || {
        let until = expires(&spec, now);
        let Installation { catalog, renderer, .. } = &*installation;
        pipeline::press(catalog, renderer, (&spec, &run), outcome, &told, (now, until))
    });
    let pressed = pressed.await.map_err(|error| MakeError::Broken(format!("a fault of kpid's: {error}")))?;
    let pressed = pressed.map_err(|error| MakeError::Never(error.to_string()))?;
    Ok(Making { pressed, failed, may_pass, hold })
}

async fn measured(
    installation: &Installation,
    spec: &ReportSpec,
    run: &Run,
    now: Timestamp,
    board: &Board,
) -> Result<Outcome, MakeError> {
    let Installation { catalog, sources, .. } = installation;
    let kpi = |id: &Name| catalog.kpi(id).cloned().ok_or_else(|| MakeError::Never(format!("there is no KPI `{id}`")));
    let request = spec.request(spec.kpis().map(kpi).collect::<Result<_, _>>()?, spec.period_at(run.slot));
    let progress = |progress: crate::source::Progress| board.source_read(&progress.source, progress.took, progress.ok);
    Ok(pipeline::measure(catalog, sources, &request, &spec.calendar, now, progress).await)
}

/// Until when the edition of `slot` waits for fresh data, and of what sources with what newest day.
fn held(outcome: &Outcome, spec: &ReportSpec, slot: Timestamp) -> Option<super::world::Hold> {
    let waiting: Vec<_> = outcome.stale.iter().filter_map(|stale| Some((stale, stale.hold?))).collect();
    let longest = waiting.iter().map(|(_, hold)| *hold).max()?;
    let day = |newest: Timestamp| newest.to_zoned(spec.calendar.zone.clone()).date();
    let until = slot.saturating_add(SignedDuration::try_from(longest).unwrap_or(SignedDuration::MAX));
    Some(super::world::Hold {
        until: until.unwrap_or(Timestamp::MAX),
        sources: waiting.iter().map(|(stale, _)| (stale.source.clone(), stale.newest.map(day))).collect(),
    })
}

//! Which messages tell of an event, and the commands that go with them.

use super::{Due, Event, Mail, Notice};
use crate::measure::Unit;
use crate::render::Reading;
use crate::render::texts::Arg;
use crate::render::view::Note;
use crate::text::{Name, harmless};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// How many of a list are told, and how many characters of a line.
const LINES: usize = 20;
const LONGEST: usize = 500;

/// A letter's parts from its title on.
pub(super) struct Told {
    pub title: String,
    pub summary: String,
    pub notes: Vec<Note>,
}

type Args<'a> = &'a [(&'a str, Arg<'a>)];

impl Notice {
    pub(super) fn told(&self, reading: &Reading) -> Told {
        let teller = Teller { notice: self, reading };
        match &self.event {
            Event::Failed { due, why, sources } => teller.failed(due, why, sources),
            Event::Gaps { due, sources } => teller.gaps(due, sources),
            Event::Skipped { report, from, to, count, why } => teller.skipped(report, [*from, *to], *count, why),
            Event::Waits { due, sources, until } => teller.waits(due, sources, *until),
            Event::Waited { due, sources } => teller.waited(due, sources),
            Event::Poisoned { due } => teller.poisoned(due),
            Event::Bounced(mail) => teller.bounced(mail),
            Event::Expired(mail) => teller.expired(mail),
            Event::Held(mail) => teller.held(mail),
            Event::RelayHeld { server, since, why } => teller.relay_held(server, *since, why),
            Event::RelayWorks { server, since } => teller.relay_works(server, *since),
            Event::Refused { since, problems } => teller.refused(*since, problems),
            Event::ClockJumped { from } => teller.clock_jumped(*from),
            Event::Differ { since, nodes } => teller.differ(*since, nodes),
            Event::ClockSkew { node, skew } => teller.clock_skew(node, *skew),
            Event::NearlyFull { place, free } => teller.nearly_full(place, *free),
        }
    }
}

struct Teller<'a> {
    notice: &'a Notice,
    reading: &'a Reading<'a>,
}

impl Teller<'_> {
    fn failed(&self, due: &Due, why: &str, sources: &[(Name, String)]) -> Told {
        let args = self.due(due);
        let told = Told::new(self.say("notice-failed", &args), self.say("notice-failed-what", &args));
        let told = told.note(self.word("notice-reason"), [], vec![line(why)]);
        told.note(self.word("notice-sources"), [], self.lines(sources, |(name, why)| format!("{name}: {why}")))
            .next(self, self.word("notice-failed-next"))
            .todo(self, self.word("notice-failed-do"), vec![format!("kpid outbox retry {}", due.run)])
    }

    fn gaps(&self, due: &Due, sources: &[(Name, String)]) -> Told {
        let args = self.due(due);
        let told = Told::new(self.say("notice-gaps", &args), self.say("notice-gaps-what", &args));
        told.note(self.word("notice-sources"), [], self.lines(sources, |(name, why)| format!("{name}: {why}")))
            .next(self, self.word("notice-gaps-next"))
            .todo(self, self.word("notice-gaps-do"), vec!["kpid doctor".to_owned(), run_now(&due.report)])
    }

    fn skipped(&self, report: &Name, [from, to]: [Timestamp; 2], count: usize, why: &str) -> Told {
        let editions = ("count", self.reading.format.count(count));
        let title = self.say("notice-skipped", &[("report", report.as_ref().into()), editions.clone()]);
        let what = match count {
            1 => self.say("notice-skipped-one", &[("slot", self.moment(from))]),
            _ => {
                let range = [editions, ("from", self.moment(from)), ("to", self.moment(to))];
                self.say("notice-skipped-what", &range)
            }
        };
        Told::new(title, what)
            .note(self.word("notice-reason"), [], vec![line(why)])
            .next(self, self.word("notice-skipped-next"))
            .todo(self, self.word("notice-skipped-do"), vec![run_now(report)])
    }

    fn waits(&self, due: &Due, sources: &[(Name, Option<Date>)], until: Timestamp) -> Told {
        let args = self.due(due);
        Told::new(self.say("notice-waits", &args[..1]), self.say("notice-waits-what", &args))
            .note(self.word("notice-sources"), self.newest(sources), Vec::new())
            .next(self, self.say("notice-waits-next", &[("until", self.moment(until))]))
            .todo(self, self.word("notice-waits-do"), vec![why_not(&due.report)])
    }

    fn waited(&self, due: &Due, sources: &[(Name, Option<Date>)]) -> Told {
        let args = self.due(due);
        Told::new(self.say("notice-waited", &args[..1]), self.say("notice-waited-what", &args))
            .note(self.word("notice-sources"), self.newest(sources), Vec::new())
            .next(self, self.word("notice-waited-next"))
            .todo(self, self.word("notice-waited-do"), vec![run_now(&due.report)])
    }

    fn poisoned(&self, due: &Due) -> Told {
        let args = self.due(due);
        let commands = vec!["journalctl -u kpid".to_owned(), format!("kpid outbox retry {}", due.run)];
        Told::new(self.say("notice-poisoned", &args[..1]), self.say("notice-poisoned-what", &args))
            .next(self, self.word("notice-poisoned-next"))
            .todo(self, self.word("notice-poisoned-do"), commands)
    }

    fn bounced(&self, mail: &Mail) -> Told {
        Told::new(self.say("notice-bounced", &[address(mail)]), self.say("notice-bounced-what", &self.mail(mail)))
            .answer(self, mail.reply.as_deref())
            .next(self, self.word("notice-bounced-next"))
            .todo(self, self.word("notice-bounced-do"), vec![format!("kpid outbox retry {}", mail.id)])
    }

    fn expired(&self, mail: &Mail) -> Told {
        Told::new(self.say("notice-expired", &[address(mail)]), self.say("notice-expired-what", &self.mail(mail)))
            .answer(self, mail.reply.as_deref())
            .next(self, self.word("notice-expired-next"))
            .todo(self, self.word("notice-expired-do"), vec![format!("kpid outbox retry {}", mail.id)])
    }

    fn held(&self, mail: &Mail) -> Told {
        let commands = ["retry", "cancel"].map(|verb| format!("kpid outbox {verb} {}", mail.id));
        Told::new(self.say("notice-held", &[address(mail)]), self.say("notice-held-what", &self.mail(mail)))
            .answer(self, mail.reply.as_deref())
            .next(self, self.word("notice-held-next"))
            .todo(self, self.word("notice-held-do"), commands.into())
    }

    fn relay_held(&self, server: &str, since: Timestamp, why: &str) -> Told {
        let args = [("server", line(server).into()), ("since", self.moment(since))];
        Told::new(self.word("notice-relay"), self.say("notice-relay-what", &args))
            .answer(self, Some(why))
            .next(self, self.word("notice-relay-next"))
            .todo(self, self.word("notice-relay-do"), vec!["kpid doctor".to_owned()])
    }

    fn relay_works(&self, server: &str, since: Timestamp) -> Told {
        let args =
            [("server", line(server).into()), ("since", self.moment(since)), ("until", self.moment(self.notice.at))];
        Told::new(self.word("notice-works"), self.say("notice-works-what", &args))
            .next(self, self.word("notice-works-next"))
    }

    fn refused(&self, since: Timestamp, problems: &[String]) -> Told {
        let count = ("count", self.reading.format.count(problems.len()));
        Told::new(self.word("notice-refused"), self.say("notice-refused-what", &[("since", self.moment(since)), count]))
            .note(self.word("notice-problems"), [], self.lines(problems, String::clone))
            .next(self, self.word("notice-refused-next"))
            .todo(self, self.word("notice-refused-do"), vec!["kpid check".to_owned()])
    }

    fn clock_jumped(&self, from: Timestamp) -> Told {
        let args = [("from", self.moment(from)), ("to", self.moment(self.notice.at))];
        Told::new(self.word("notice-jumped"), self.say("notice-jumped-what", &args))
            .next(self, self.word("notice-jumped-next"))
            .todo(self, self.word("notice-jumped-do"), vec!["timedatectl".to_owned(), "kpid resume".to_owned()])
    }

    fn differ(&self, since: Timestamp, nodes: &[(String, String)]) -> Told {
        Told::new(self.word("notice-differ"), self.say("notice-differ-what", &[("since", self.moment(since))]))
            .note(self.word("notice-nodes"), [], self.lines(nodes, |(node, version)| format!("{node}: {version}")))
            .next(self, self.word("notice-differ-next"))
            .todo(self, self.word("notice-differ-do"), vec!["kpid check".to_owned()])
    }

    fn clock_skew(&self, node: &str, skew: SignedDuration) -> Told {
        let side = if skew.is_negative() { "behind" } else { "ahead" };
        let amount = self.duration(skew.abs());
        let args = [("node", line(node).into()), ("amount", amount.into()), ("side", side.into())];
        Told::new(self.say("notice-skew", &args[..1]), self.say("notice-skew-what", &args))
            .next(self, self.word("notice-skew-next"))
            .todo(self, self.word("notice-skew-do"), vec!["timedatectl".to_owned(), "kpid doctor".to_owned()])
    }

    fn nearly_full(&self, place: &str, free: u64) -> Told {
        let free = self.reading.format.number((free / 1_000_000) as f64, &Unit::Count, None);
        let args = [("free", free.into()), ("place", line(place).into())];
        Told::new(self.word("notice-full"), self.say("notice-full-what", &args))
            .next(self, self.word("notice-full-next"))
            .todo(self, self.word("notice-full-do"), vec!["kpid doctor".to_owned()])
    }

    fn say(&self, id: &str, args: Args) -> String {
        self.reading.texts.say(id, args)
    }

    fn word(&self, id: &str) -> String {
        self.reading.texts.word(id)
    }

    fn moment(&self, at: Timestamp) -> Arg<'static> {
        self.reading.dates.moment(self.notice.zone.to_datetime(at)).into()
    }

    fn duration(&self, duration: SignedDuration) -> String {
        self.reading.format.duration(duration.as_secs_f64() / 60.0, &Unit::Minutes, &self.reading.texts)
    }

    fn due(&self, due: &Due) -> [(&'static str, Arg<'static>); 2] {
        [("report", due.report.to_string().into()), ("slot", self.moment(due.slot))]
    }

    fn mail(&self, mail: &Mail) -> [(&'static str, Arg<'static>); 3] {
        let [report, slot] = self.due(&mail.due);
        [report, slot, address(mail)]
    }

    /// How new the data of each source is.
    fn newest(&self, sources: &[(Name, Option<Date>)]) -> Vec<String> {
        let newest = |(source, day): &(Name, Option<Date>)| {
            let source = ("source", source.as_ref().into());
            match day {
                Some(day) => self.say("notice-newest", &[source, ("day", self.reading.dates.long(*day).into())]),
                None => self.say("notice-newest-none", &[source]),
            }
        };
        sources.iter().map(newest).collect()
    }

    /// The first of `items`, a line each, and how many more there are.
    fn lines<T>(&self, items: &[T], told: impl Fn(&T) -> String) -> Vec<String> {
        let mut lines: Vec<String> = items.iter().take(LINES).map(|item| line(&told(item))).collect();
        let more = items.len().saturating_sub(LINES);
        lines.extend((more > 0).then(|| self.say("others", &[("count", self.reading.format.count(more))])));
        lines
    }
}

impl Told {
    fn new(title: String, summary: String) -> Told {
        Told { title, summary, notes: Vec::new() }
    }

    /// Nothing of what has nothing to tell.
    fn note(mut self, title: String, lines: impl IntoIterator<Item = String>, verbatim: Vec<String>) -> Told {
        let note = Note { title, lines: lines.into_iter().collect(), verbatim };
        self.notes.extend((!note.lines.is_empty() || !note.verbatim.is_empty()).then_some(note));
        self
    }

    fn answer(self, teller: &Teller, words: Option<&str>) -> Told {
        self.note(teller.word("notice-answer"), [], words.map(line).into_iter().collect())
    }

    fn next(self, teller: &Teller, line: String) -> Told {
        self.note(teller.word("notice-next"), [line], Vec::new())
    }

    fn todo(self, teller: &Teller, line: String, commands: Vec<String>) -> Told {
        self.note(teller.word("notice-todo"), [line], commands)
    }
}

fn address(mail: &Mail) -> (&'static str, Arg<'static>) {
    ("address", line(&mail.address).into())
}

fn run_now(report: &str) -> String {
    format!("kpid run-now {report}")
}

fn why_not(report: &str) -> String {
    format!("kpid why-not {report}")
}

/// What comes from outside as a line that is not too long.
fn line(text: &str) -> String {
    let text = harmless(text.trim().into());
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

//! Which messages tell of an event, and the commands that go with them.

use super::told::{Told, line};
use super::{Due, Event, Mail, Notice};
use crate::measure::Unit;
use crate::render::Reading;
use crate::render::texts::Arg;
use crate::text::Name;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// How many of a list are told.
const LINES: usize = 20;

type Args<'a> = &'a [(&'a str, Arg<'a>)];

impl Notice {
    pub(super) fn told<'a>(&'a self, reading: &'a Reading) -> Told<'a> {
        let teller = Teller { notice: self, reading };
        let told = match &self.event {
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
        };
        match &self.folder {
            Some(folder) => told.about(folder),
            None => told,
        }
    }
}

struct Teller<'a> {
    notice: &'a Notice,
    reading: &'a Reading<'a>,
}

impl<'a> Teller<'a> {
    fn failed(&self, due: &Due, why: &str, sources: &[(Name, String)]) -> Told<'a> {
        let args = self.due(due);
        let told =
            Told::new(&self.reading.texts, self.say("notice-failed", &args), self.say("notice-failed-what", &args));
        let told = told.note("notice-reason", [], vec![line(why)]);
        told.note("notice-sources", [], self.lines(sources, |(name, why)| format!("{name}: {why}")))
            .next(self.word("notice-failed-next"))
            .todo(self.word("notice-failed-do"), vec![format!("kpid outbox retry {}", due.run)])
    }

    fn gaps(&self, due: &Due, sources: &[(Name, String)]) -> Told<'a> {
        let args = self.due(due);
        let told = Told::new(&self.reading.texts, self.say("notice-gaps", &args), self.say("notice-gaps-what", &args));
        told.note("notice-sources", [], self.lines(sources, |(name, why)| format!("{name}: {why}")))
            .next(self.word("notice-gaps-next"))
            .todo(self.word("notice-gaps-do"), vec!["kpid doctor".to_owned(), run_now(&due.report)])
    }

    fn skipped(&self, report: &Name, [from, to]: [Timestamp; 2], count: usize, why: &str) -> Told<'a> {
        let editions = ("count", self.reading.format.count(count));
        let title = self.say("notice-skipped", &[("report", report.as_ref().into()), editions.clone()]);
        let what = match count {
            1 => self.say("notice-skipped-one", &[("slot", self.moment(from))]),
            _ => {
                let range = [editions, ("from", self.moment(from)), ("to", self.moment(to))];
                self.say("notice-skipped-what", &range)
            }
        };
        Told::new(&self.reading.texts, title, what)
            .note("notice-reason", [], vec![line(why)])
            .next(self.word("notice-skipped-next"))
            .todo(self.word("notice-skipped-do"), vec![run_now(report)])
    }

    fn waits(&self, due: &Due, sources: &[(Name, Option<Date>)], until: Timestamp) -> Told<'a> {
        let args = self.due(due);
        Told::new(&self.reading.texts, self.say("notice-waits", &args[..1]), self.say("notice-waits-what", &args))
            .note("notice-sources", self.newest(sources), Vec::new())
            .next(self.say("notice-waits-next", &[("until", self.moment(until))]))
            .todo(self.word("notice-waits-do"), vec![why_not(&due.report)])
    }

    fn waited(&self, due: &Due, sources: &[(Name, Option<Date>)]) -> Told<'a> {
        let args = self.due(due);
        Told::new(&self.reading.texts, self.say("notice-waited", &args[..1]), self.say("notice-waited-what", &args))
            .note("notice-sources", self.newest(sources), Vec::new())
            .next(self.word("notice-waited-next"))
            .todo(self.word("notice-waited-do"), vec![run_now(&due.report)])
    }

    fn poisoned(&self, due: &Due) -> Told<'a> {
        let args = self.due(due);
        let commands = vec!["journalctl -u kpid".to_owned(), format!("kpid outbox retry {}", due.run)];
        Told::new(&self.reading.texts, self.say("notice-poisoned", &args[..1]), self.say("notice-poisoned-what", &args))
            .next(self.word("notice-poisoned-next"))
            .todo(self.word("notice-poisoned-do"), commands)
    }

    fn bounced(&self, mail: &Mail) -> Told<'a> {
        Told::new(
            &self.reading.texts,
            self.say("notice-bounced", &[address(mail)]),
            self.say("notice-bounced-what", &self.mail(mail)),
        )
        .answer(mail.reply.as_deref())
        .next(self.word("notice-bounced-next"))
        .todo(self.word("notice-bounced-do"), vec![format!("kpid outbox retry {}", mail.id)])
    }

    fn expired(&self, mail: &Mail) -> Told<'a> {
        Told::new(
            &self.reading.texts,
            self.say("notice-expired", &[address(mail)]),
            self.say("notice-expired-what", &self.mail(mail)),
        )
        .answer(mail.reply.as_deref())
        .next(self.word("notice-expired-next"))
        .todo(self.word("notice-expired-do"), vec![format!("kpid outbox retry {}", mail.id)])
    }

    fn held(&self, mail: &Mail) -> Told<'a> {
        let commands = ["retry", "cancel"].map(|verb| format!("kpid outbox {verb} {}", mail.id));
        Told::new(
            &self.reading.texts,
            self.say("notice-held", &[address(mail)]),
            self.say("notice-held-what", &self.mail(mail)),
        )
        .answer(mail.reply.as_deref())
        .next(self.word("notice-held-next"))
        .todo(self.word("notice-held-do"), commands.into())
    }

    fn relay_held(&self, server: &str, since: Timestamp, why: &str) -> Told<'a> {
        let args = [("server", line(server).into()), ("since", self.moment(since))];
        Told::new(&self.reading.texts, self.word("notice-relay"), self.say("notice-relay-what", &args))
            .answer(Some(why))
            .next(self.word("notice-relay-next"))
            .todo(self.word("notice-relay-do"), vec!["kpid doctor".to_owned()])
    }

    fn relay_works(&self, server: &str, since: Timestamp) -> Told<'a> {
        let args =
            [("server", line(server).into()), ("since", self.moment(since)), ("until", self.moment(self.notice.at))];
        Told::new(&self.reading.texts, self.word("notice-works"), self.say("notice-works-what", &args))
            .next(self.word("notice-works-next"))
    }

    fn refused(&self, since: Timestamp, problems: &[String]) -> Told<'a> {
        let count = ("count", self.reading.format.count(problems.len()));
        Told::new(
            &self.reading.texts,
            self.word("notice-refused"),
            self.say("notice-refused-what", &[("since", self.moment(since)), count]),
        )
        .note("notice-problems", [], self.lines(problems, String::clone))
        .next(self.word("notice-refused-next"))
        .todo(self.word("notice-refused-do"), vec!["kpid check".to_owned()])
    }

    fn clock_jumped(&self, from: Timestamp) -> Told<'a> {
        let args = [("from", self.moment(from)), ("to", self.moment(self.notice.at))];
        Told::new(&self.reading.texts, self.word("notice-jumped"), self.say("notice-jumped-what", &args))
            .next(self.word("notice-jumped-next"))
            .todo(self.word("notice-jumped-do"), vec!["timedatectl".to_owned(), "kpid resume".to_owned()])
    }

    fn differ(&self, since: Timestamp, nodes: &[(String, String)]) -> Told<'a> {
        Told::new(
            &self.reading.texts,
            self.word("notice-differ"),
            self.say("notice-differ-what", &[("since", self.moment(since))]),
        )
        .note("notice-nodes", [], self.lines(nodes, |(node, version)| format!("{node}: {version}")))
        .next(self.word("notice-differ-next"))
        .todo(self.word("notice-differ-do"), vec!["kpid check".to_owned()])
    }

    fn clock_skew(&self, node: &str, skew: SignedDuration) -> Told<'a> {
        let side = if skew.is_negative() { "behind" } else { "ahead" };
        let amount = self.duration(skew.abs());
        let args = [("node", line(node).into()), ("amount", amount.into()), ("side", side.into())];
        Told::new(&self.reading.texts, self.say("notice-skew", &args[..1]), self.say("notice-skew-what", &args))
            .next(self.word("notice-skew-next"))
            .todo(self.word("notice-skew-do"), vec!["timedatectl".to_owned(), "kpid doctor".to_owned()])
    }

    fn nearly_full(&self, place: &str, free: u64) -> Told<'a> {
        let free = self.reading.format.number((free / 1_000_000) as f64, &Unit::Count, None);
        let args = [("free", free.into()), ("place", line(place).into())];
        Told::new(&self.reading.texts, self.word("notice-full"), self.say("notice-full-what", &args))
            .next(self.word("notice-full-next"))
            .todo(self.word("notice-full-do"), vec!["kpid doctor".to_owned()])
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

fn address(mail: &Mail) -> (&'static str, Arg<'static>) {
    ("address", line(&mail.address).into())
}

fn run_now(report: &str) -> String {
    format!("kpid run-now {report}")
}

fn why_not(report: &str) -> String {
    format!("kpid why-not {report}")
}

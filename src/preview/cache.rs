//! What databases answered, so that an edit of a formula, a target or a template asks them nothing.
//!
//! An answer is found again by everything that it depends on: where the database is and how it reads, the statement, the columns that are
//! declared, the window and the report's zone. Failures are not kept. Answers of one edition may so be from different moments, which a
//! report never is; [`Cache::forget`] reads everything anew.

use crate::query::{Asks, Database, Need, Readings, Source, Stretch, Table};
use crate::source::Sources;
use crate::text::Name;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Rows of all answers together; those that were not used for longest go first.
const ROWS: usize = 2_000_000;

#[derive(Debug, Default)]
pub struct Cache(Mutex<Answers>);

/// How often databases were asked, and how often that was not needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Stats {
    pub asked: u64,
    pub reused: u64,
}

#[derive(Debug, Default)]
struct Answers {
    by_key: HashMap<Key, Answer>,
    stats: Stats,
    /// Of use, a number that only grows.
    tick: u64,
    /// How often everything was forgotten: what was asked for before is not kept after.
    epoch: u64,
}

/// A hash, for URLs hold passwords.
type Key = [u8; 32];

#[derive(Debug)]
struct Answer {
    given: Given,
    used: u64,
}

#[derive(Debug, Clone)]
enum Given {
    Rows(Table),
    Newest(Option<Timestamp>),
}

impl Cache {
    /// The answers to `needs`, asked of `sources` only where they are not known, and how many of each. `databases` are those that the
    /// sources read.
    pub async fn read(
        &self,
        (sources, databases): (&Sources, &BTreeMap<Name, Database>),
        needs: Vec<Need>,
        zone: &TimeZone,
    ) -> (Readings, Stats) {
        let keyed: Vec<(Key, Need)> = needs.into_iter().map(|need| (key(&need, databases, zone), need)).collect();
        let (epoch, (known, missing)): (u64, (Vec<_>, Vec<_>)) = {
            let mut answers = self.lock();
            let found = keyed.into_iter().map(|(key, need)| (answers.find(&key), key, need));
            let parted = found.partition(|(found, ..)| found.is_some());
            (answers.epoch, parted)
        };
        let ask = missing.iter().map(|(_, _, need)| need.clone()).collect();
        let mut readings = sources.read(ask, zone, |_| {}).await;
        let stats = Stats { asked: missing.len() as u64, reused: known.len() as u64 };
        let new = missing.into_iter().filter_map(|(_, key, need)| Some((key, given(&readings, &need)?)));
        self.lock().keep(epoch, new, stats);
        for (given, _, need) in known {
            put(&mut readings, &need, given.expect("it was found"));
        }
        (readings, stats)
    }

    /// Nothing is known any more, nor will be what is being asked for now.
    pub fn forget(&self) {
        self.lock().forget();
    }

    /// Since the beginning.
    pub fn stats(&self) -> Stats {
        self.lock().stats
    }

    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answers {
    fn forget(&mut self) {
        self.by_key.clear();
        self.epoch += 1;
    }

    /// What was answered to those who asked in that epoch.
    fn keep(&mut self, epoch: u64, new: impl IntoIterator<Item = (Key, Given)>, stats: Stats) {
        self.stats.asked += stats.asked;
        self.stats.reused += stats.reused;
        if epoch != self.epoch {
            return;
        }
        for (key, given) in new {
            let used = self.next();
            self.by_key.insert(key, Answer { given, used });
        }
        self.shrink(ROWS);
    }

    fn find(&mut self, key: &Key) -> Option<Given> {
        let used = self.next();
        let answer = self.by_key.get_mut(key)?;
        answer.used = used;
        Some(answer.given.clone())
    }

    fn next(&mut self) -> u64 {
        self.tick += 1;
        self.tick
    }

    /// To so many rows.
    fn shrink(&mut self, most: usize) {
        let mut rows: usize = self.by_key.values().map(|answer| answer.given.rows()).sum();
        let mut by_age: Vec<(u64, Key)> = self.by_key.iter().map(|(key, answer)| (answer.used, *key)).collect();
        by_age.sort_unstable();
        for (_, key) in by_age {
            if rows <= most {
                return;
            }
            rows -= self.by_key.remove(&key).map_or(0, |answer| answer.given.rows());
        }
    }
}

impl Given {
    /// At least 1: an answer without rows takes its place as well.
    fn rows(&self) -> usize {
        match self {
            Given::Rows(table) => table.rows.max(1),
            Given::Newest(_) => 1,
        }
    }
}

/// What was answered to `need`, unless it failed.
fn given(readings: &Readings, need: &Need) -> Option<Given> {
    let name = &need.source.name;
    match need.asks {
        Asks::Newest => readings.newest().get(name)?.as_ref().ok().map(|newest| Given::Newest(*newest)),
        Asks::Rows => {
            let stretch = readings.stretches(name).iter().find(|stretch| stretch.window == need.window)?;
            stretch.result.as_ref().ok().map(|table| Given::Rows(table.clone()))
        }
    }
}

fn put(readings: &mut Readings, need: &Need, given: Given) {
    let (name, window) = (need.source.name.clone(), need.window);
    match given {
        Given::Rows(table) => readings.insert(name, Stretch { window, result: Ok(table) }),
        Given::Newest(newest) => readings.insert_newest(name, Ok(newest)),
    }
}

/// Of all that the answer depends on; reasons for missing cells name the source.
fn key(need: &Need, databases: &BTreeMap<Name, Database>, zone: &TimeZone) -> Key {
    let source: &Source = &need.source;
    let statement = match (need.asks, &source.fresh) {
        (Asks::Newest, Some(fresh)) => &fresh.statement,
        _ => &source.statement,
    };
    let columns = (&source.time, &source.dimensions, &source.measures);
    let about = (need.asks, need.window.start.as_nanosecond(), need.window.end.as_nanosecond(), zone);
    let database = databases.get(&source.database);
    let reading = database.map(|known| (known.engine, known.max_rows, known.time_zone.clone()));
    let parts = [
        database.map_or("", |known| known.url.expose()).to_owned(),
        source.name.to_string(),
        statement.text.to_string(),
        format!("{columns:?} {about:?} {reading:?}"),
    ];
    let mut hash = Sha256::new();
    for part in parts {
        // With its length in front no part can be taken for two.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let mut answers = Answers::default();
        let ten = || Given::Rows(Table { rows: 10, ..Table::default() });
        answers.keep(0, [[1; 32], [2; 32], [3; 32]].map(|key| (key, ten())), Stats::default());
        assert!(answers.find(&[1; 32]).is_some());
        answers.shrink(25);
        assert!(answers.find(&[2; 32]).is_none());
        assert!(answers.find(&[1; 32]).is_some() && answers.find(&[3; 32]).is_some());
    }

    #[test]
    fn what_was_asked_for_before_everything_was_forgotten_is_not_kept() {
        let mut answers = Answers::default();
        let before = answers.epoch;
        answers.forget();
        answers.keep(before, [([1; 32], Given::Newest(None))], Stats::default());
        assert!(answers.find(&[1; 32]).is_none());
        answers.keep(answers.epoch, [([1; 32], Given::Newest(None))], Stats::default());
        assert!(answers.find(&[1; 32]).is_some());
    }
}

//! What all connections of a scripted server have in common, and what is kept of them.

use super::ledger::Ledger;
use super::{Answer, Entry, Event, Options, Step};
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};

type Script = Arc<dyn Fn(&Event) -> Answer + Send + Sync>;

pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) ledger: Ledger,
    pub(super) changed: Condvar,
    script: RwLock<Script>,
    book: Mutex<Book>,
}

#[derive(Default)]
pub(super) struct Book {
    pub(super) connections: usize,
    /// Connection and line.
    pub(super) said: Vec<(usize, String)>,
    asked: HashMap<(Step, String), usize>,
}

impl Shared {
    pub(super) fn new(
        options: Options,
        port: u16,
        script: impl Fn(&Event) -> Answer + Send + Sync + 'static,
    ) -> Shared {
        Shared {
            ledger: Ledger::create(options.ledger.as_deref(), port),
            options,
            changed: Condvar::new(),
            script: RwLock::new(Arc::new(script)),
            book: Mutex::default(),
        }
    }

    pub(super) fn follow(&self, script: impl Fn(&Event) -> Answer + Send + Sync + 'static) {
        *self.script.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(script);
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn arrived(&self) -> usize {
        let mut book = self.book();
        book.connections += 1;
        self.changed.notify_all();
        book.connections
    }

    pub(super) fn said(&self, connection: usize, line: &str) {
        self.book().said.push((connection, line.to_owned()));
        self.changed.notify_all();
    }

    pub(super) fn record(&self, entry: &Entry) {
        self.ledger.append(entry);
        self.changed.notify_all();
    }

    pub(super) fn nth(&self, step: Step, to: &str) -> usize {
        let mut book = self.book();
        let count = book.asked.entry((step, to.to_owned())).or_default();
        *count += 1;
        *count
    }

    pub(super) fn ask(&self, event: &Event) -> Answer {
        let script = self.script.read().unwrap_or_else(PoisonError::into_inner).clone();
        script(event)
    }
}

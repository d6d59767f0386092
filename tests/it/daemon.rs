//! The daemon from outside: the real program, killed, stopped and cut off, against a mail server that keeps a ledger.

mod canaries;
mod changes;
mod clock;
mod company;
mod conditions;
mod crashes;
mod disk;
mod edits;
mod gaps;
mod harness;
mod mailing;
mod proxy;
mod secrets;
mod sources;
mod stops;

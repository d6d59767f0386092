//! The daemon from outside: the real program, killed, stopped and cut off, against a mail server that keeps a ledger.

mod clock;
mod company;
mod crashes;
mod disk;
mod edits;
mod harness;
mod mailing;
mod proxy;
mod secrets;
mod sources;
mod stops;

//! The daemon from outside: the real program, killed, stopped and cut off, against a mail server that keeps a ledger.

mod company;
mod crashes;
mod harness;
mod mailing;
mod proxy;
mod stops;

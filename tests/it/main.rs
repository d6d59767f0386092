//! Tests of kpid from outside: one binary, so that the library is linked once.

mod catalog;
mod cli;
mod docs;
mod engines;
mod golden;
mod independent;
mod installation;
mod layers;
mod mail;
mod metricflow;
mod servers;
mod source;

//! Tests of kpid from outside: one binary, so that the library is linked once.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod attachments;
mod catalog;
mod checklist;
mod cli;
mod daemon;
mod desk;
mod diff;
mod docs;
mod doctor;
mod editor;
mod engines;
mod faults;
mod golden;
mod independent;
mod inspector;
mod installation;
mod junit;
mod layers;
mod mail;
mod metricflow;
mod mta;
mod packaging;
mod preview;
mod reports;
mod servers;
mod sink;
mod site;
mod smtp;
mod source;
mod starter;
mod store;
mod systemd;
mod templates;
mod warnings;
mod web;

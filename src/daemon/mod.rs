//! The daemon: makes the reports that are due and delivers them, from the installation of a folder that may be edited meanwhile.

pub mod installation;
pub mod log;
pub mod reload;

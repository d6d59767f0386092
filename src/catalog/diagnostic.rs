//! A problem of the YAML, with place and remedy.
pub struct Diagnostic;
pub struct Problems;
pub enum Severity {}

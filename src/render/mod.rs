//! stub
mod affix;
mod format;
pub use format::{Format, MISSING, UnknownLocale};

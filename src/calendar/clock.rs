//! The wall clock, read only by the entry layer.

/// Now.
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

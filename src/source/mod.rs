//! Source and window → readings (edge: sqlx).

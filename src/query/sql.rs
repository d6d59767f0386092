//! SQL text → [`Statement`]: checked to be one read-only statement, its parameters found.

/// One read-only statement of one engine, its parameters found.
#[derive(Debug, Clone)]
pub struct Statement {
    pub text: String,
}

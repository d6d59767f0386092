//! A rendered report, ready to be put into a mail.

/// What one reader gets. Both bodies say the same; lines end in `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// A whole document.
    pub html: String,
    /// The plain twin, at most 78 columns wide.
    pub text: String,
}

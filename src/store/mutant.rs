//! Stores with one protection missing: what proves a promise must fail on them (tests only).

use super::Store;
use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// Each plan of a slot is a run of its own, and planners don't compare cursors.
    NoUniqueKey,
    /// Whoever writes need not hold the claim.
    NoFence,
    /// A mail may go out however old its claim is.
    NoLastLook,
    /// The cursor is committed before the runs it stands for.
    CursorApart,
}

impl Store {
    /// The same store for which a protection is missing.
    pub(crate) fn mutant(mut self, mutant: Mutant) -> Store {
        self.db.mutant = Some(mutant);
        self
    }

    pub(super) fn lacks(&self, mutant: Mutant) -> bool {
        self.db.mutant == Some(mutant)
    }
}

/// The statement as the mutant has it.
pub(super) fn edited(mutant: Option<Mutant>, sql: &str) -> Cow<'_, str> {
    match mutant {
        Some(Mutant::NoFence) => sql.replace(super::FENCE, "TRUE").into(),
        Some(Mutant::NoUniqueKey) => sql.replace(super::plan::COMPARED, "TRUE").into(),
        _ => sql.into(),
    }
}

//! A local page that shows reports as they will arrive, while their YAML is being edited.
//!
//! ```text
//! folder ─ Watch ─► Studio ─► State (catalogue or problems) ─► events: the page asks again
//!                     │
//!                     └ Cache of answers ─► Edition (measured) ─► Letter ─► mail, text, subject
//! ```
//! [`Studio`] is the whole of it without HTTP; [`serve`] puts it on a listener. A save is read at once, measured from the answers that the
//! [`Cache`] holds, and rendered: a database is asked only when the query, the database or the window is another one. A folder with
//! errors never takes the page away: the last good edition stays, beside what is wrong now.
//! Deliberately absent: anything that sends, writes or keeps, and history, as reports by hand have none.

mod cache;
mod edition;
mod guard;
mod http;
mod inspect;
mod mail;
mod problem;
mod shot;
mod studio;
mod told;

pub use cache::{Cache, Stats};
pub use edition::{Edition, Rendered};
pub use http::serve;
pub use inspect::inspect;
pub use problem::Problem;
pub use studio::{Refused, Studio};

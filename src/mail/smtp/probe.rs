//! Whether a relay would take mail: all of a dialogue up to the sender, and no mail.

use super::Deadlines;
use super::connection::Connection;
use super::handover::unusable;
use super::wire::Failure;
use crate::mail::{Relay, SendError, address::mailbox};
use lettre::transport::smtp::commands::{Mail, Rset};

/// Connects, protects and logs in as for a mail, names the sender of `from` and takes it back. Gives the largest message that the
/// server takes, in bytes, if it says so.
///
/// # Errors
/// [`SendError::Server`]: why no mail would go out.
pub async fn probe(relay: &Relay, from: &str, deadlines: &Deadlines) -> Result<Option<usize>, SendError> {
    let dialogue = async {
        let mut connection = Connection::open(relay, deadlines, &mut None).await?;
        let sender = mailbox(from).map_err(|error| Failure::Unfit(error.to_string()))?.email;
        connection.wire.ask(Mail::new(Some(sender), Vec::new()), 250..=259, deadlines.command).await?;
        connection.wire.ask(Rset, 250..=259, deadlines.command).await?;
        let largest = connection.offers.largest;
        connection.close().await;
        Ok(largest)
    };
    dialogue.await.map_err(|failure| unusable(relay, failure))
}

//! A rendered report, ready to be put into a mail.

/// What the readers of one language and locale get. Both bodies say the same; lines end in `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// A whole document; names its pictures as `cid:NAME`, in quotes: `src="cid:NAME"`. A mail puts the Content-ID of the picture
    /// in place of each such NAME, for that must look like an address and be no other picture's; a page can put a file's name.
    pub html: String,
    /// The plain twin, at most 78 columns wide.
    pub text: String,
    /// Those that the HTML names, each once; a mail leaves out what it doesn't name.
    pub images: Vec<Image>,
    pub attachments: Vec<File>,
}

/// A picture inside the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// What follows `cid:` in the HTML: letters, digits, `-`, `_` and `.`, unique in the letter.
    pub name: String,
    pub png: Vec<u8>,
}

/// Something attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// In the reader's language; any Unicode but control characters, `/` and `\`, which a mail replaces; 200 characters at most.
    pub name: String,
    /// Its media type, such as `text/csv; charset=utf-8`.
    pub kind: &'static str,
    pub bytes: Vec<u8>,
}

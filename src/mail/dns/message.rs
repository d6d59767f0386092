//! Messages of DNS (RFC 1035 §4): a question written, an answer taken apart. Nothing in an answer is believed.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Mx = 15,
    Txt = 16,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Record {
    Mx(u16, String),
    Txt(String),
}

/// What an answer says in place of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It did not fit into a datagram.
    Cut,
    NoName,
    Code(u8),
    /// It is no answer to the question.
    Garbled,
}

/// The message that asks for records of `name`; none when it can't be one.
pub(super) fn question(id: u16, name: &str, kind: Kind) -> Option<Vec<u8>> {
    // One question, and please look it up.
    let mut message = [id.to_be_bytes(), [0x01, 0x00], [0, 1], [0; 2], [0; 2], [0; 2]].concat();
    for label in name.trim_end_matches('.').split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
        message.push(length);
        message.extend_from_slice(label.as_bytes());
    }
    message.push(0);
    message.extend_from_slice(&[0, kind as u8, 0, 1]);
    (message.len() <= 12 + 255 + 4).then_some(message)
}

/// Whether `message` repeats the id and the question; names may differ by case.
pub(super) fn is_answer(message: &[u8], question: &[u8]) -> bool {
    let same = |range: std::ops::Range<usize>| {
        message.get(range.clone()).is_some_and(|part| part.eq_ignore_ascii_case(&question[range]))
    };
    same(0..2) && same(12..question.len()) && message[2] & 0x80 != 0
}

pub(super) fn records(message: &[u8], question: &[u8], kind: Kind) -> Result<Vec<Record>, Flaw> {
    if !is_answer(message, question) {
        return Err(Flaw::Garbled);
    }
    match message[3] & 0x0f {
        _ if message[2] & 0x02 != 0 => return Err(Flaw::Cut),
        0 => {}
        3 => return Err(Flaw::NoName),
        code => return Err(Flaw::Code(code)),
    }
    let count = u16::from_be_bytes([message[6], message[7]]);
    let mut reader = Reader { message, at: question.len() };
    let mut records = Vec::new();
    for _ in 0..count {
        records.extend(reader.record(kind).ok_or(Flaw::Garbled)?);
    }
    Ok(records)
}

/// Where a message is read; nothing in it is believed.
struct Reader<'a> {
    message: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    /// The next record, if it is of `kind`: before it may stand the aliases that led there.
    fn record(&mut self, kind: Kind) -> Option<Option<Record>> {
        self.name()?;
        let found = self.number()?;
        let _class_and_lifetime = self.bytes(6)?;
        let length = usize::from(self.number()?);
        let end = self.at + length;
        self.message.get(..end)?;
        let record = match kind {
            _ if found != kind as u16 => None,
            Kind::Mx => Some(Record::Mx(self.number()?, self.name()?)),
            Kind::Txt => {
                let mut text = Vec::new();
                while self.at < end {
                    let length = self.bytes(1)?[0];
                    text.extend_from_slice(self.bytes(length.into())?);
                }
                Some(Record::Txt(String::from_utf8_lossy(&text).into_owned()))
            }
        };
        self.at = end;
        Some(record)
    }

    fn bytes(&mut self, count: usize) -> Option<&[u8]> {
        let bytes = self.message.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(bytes)
    }

    fn number(&mut self) -> Option<u16> {
        self.bytes(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// A name as people write it, the root as `.`. A pointer leads to a part of it that stands before, so that it ends (§4.1.4).
    fn name(&mut self) -> Option<String> {
        let mut labels: Vec<String> = Vec::new();
        let (mut after, mut begin) = (None, self.at);
        loop {
            let length = self.bytes(1)?[0];
            match length {
                0 => break,
                1..=63 => labels.push(String::from_utf8_lossy(self.bytes(length.into())?).into_owned()),
                0xc0.. => {
                    let to = usize::from(u16::from_be_bytes([length & 0x3f, self.bytes(1)?[0]]));
                    after = after.or(Some(self.at));
                    if to >= begin {
                        return None;
                    }
                    (self.at, begin) = (to, to);
                }
                _ => return None,
            }
        }
        self.at = after.unwrap_or(self.at);
        Some(if labels.is_empty() { ".".to_owned() } else { labels.join(".") })
    }
}

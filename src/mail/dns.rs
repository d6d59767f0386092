//! What DNS says of a mail domain: its MX and TXT records (RFC 1035).
//!
//! In: a name. Out: records, asked of the system's name servers over UDP and, where the answer was cut, over TCP. Written here because
//! the usual library brings 18 crates, a cache among them, for these two questions. Deliberately absent: caching, DNSSEC, and the
//! addresses of hosts, which the system itself resolves.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

const PORT: u16 = 53;
/// How long a name server may take, and how often each is asked: a datagram may get lost.
const WAIT: Duration = Duration::from_millis(1200);
const ROUNDS: usize = 2;

/// Name servers, asked in their order until one answers.
#[derive(Debug, Clone)]
pub struct Resolver {
    servers: Vec<SocketAddr>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnsError {
    #[error("there is no name {0}")]
    NoName(String),
    #[error("`{0}` can't be a name")]
    BadName(String),
    #[error("the name server {server} {why}")]
    Server { server: IpAddr, why: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mx = 15,
    Txt = 16,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Record {
    Mx(u16, String),
    Txt(String),
}

/// What an answer says in place of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    /// It did not fit into a datagram.
    Cut,
    NoName,
    Code(u8),
    /// It is no answer to the question.
    Garbled,
}

impl Resolver {
    /// Those of `/etc/resolv.conf`; the one of this machine where it names none.
    pub fn system() -> Resolver {
        let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        let servers = name_servers(&text);
        Resolver { servers: if servers.is_empty() { vec![(Ipv4Addr::LOCALHOST, PORT).into()] } else { servers } }
    }

    pub fn of(server: SocketAddr) -> Resolver {
        Resolver { servers: vec![server] }
    }

    /// The hosts that take mail for `name`, the preferred first; empty when it has none, `.` alone when it wants no mail (RFC 7505).
    ///
    /// # Errors
    /// The name doesn't exist, or no server answers.
    pub async fn mx(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let mut records = self.ask(name, Kind::Mx).await?;
        records.sort();
        Ok(records
            .into_iter()
            .filter_map(|record| if let Record::Mx(_, host) = record { Some(host) } else { None })
            .collect())
    }

    /// The texts of `name`.
    ///
    /// # Errors
    /// As for [`Resolver::mx`].
    pub async fn txt(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let records = self.ask(name, Kind::Txt).await?;
        Ok(records
            .into_iter()
            .filter_map(|record| if let Record::Txt(text) = record { Some(text) } else { None })
            .collect())
    }

    async fn ask(&self, name: &str, kind: Kind) -> Result<Vec<Record>, DnsError> {
        let mut last = None;
        for server in (0..ROUNDS).flat_map(|_| &self.servers) {
            let failed = |why: String| DnsError::Server { server: server.ip(), why };
            let id = random_id().map_err(|error| failed(format!("can't be asked: {error}")))?;
            let question = question(id, name, kind).ok_or_else(|| DnsError::BadName(name.to_owned()))?;
            match timeout(WAIT, exchange(*server, &question)).await {
                Ok(Ok(message)) => match records(&message, &question, kind) {
                    Ok(records) => return Ok(records),
                    Err(Flaw::NoName) => return Err(DnsError::NoName(name.to_owned())),
                    Err(Flaw::Code(code)) => last = Some(failed(format!("refuses to say ({})", code_name(code)))),
                    Err(Flaw::Cut | Flaw::Garbled) => last = Some(failed("gives no sensible answer".to_owned())),
                },
                Ok(Err(error)) => last = Some(failed(format!("can't be asked: {error}"))),
                Err(_) => last = Some(failed("does not answer".to_owned())),
            }
        }
        Err(last.expect("there is a name server"))
    }
}

fn random_id() -> Result<u16, getrandom::Error> {
    let mut id = [0; 2];
    getrandom::fill(&mut id)?;
    Ok(u16::from_be_bytes(id))
}

/// The answer to `question`, whole.
async fn exchange(server: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let here: SocketAddr = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" }.parse().expect("an address");
    let socket = UdpSocket::bind(here).await?;
    socket.connect(server).await?;
    socket.send(question).await?;
    let mut answer = vec![0; 4096];
    loop {
        let length = socket.recv(&mut answer).await?;
        // What answers another question came too late, or from somebody else.
        if is_answer(&answer[..length], question) {
            answer.truncate(length);
            break;
        }
    }
    if answer[2] & 0x02 == 0 {
        return Ok(answer);
    }
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).expect("a question is short");
    stream.write_all(&[&length.to_be_bytes(), question].concat()).await?;
    let mut answer = vec![0; stream.read_u16().await?.into()];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

/// The message that asks for records of `name`; none when it can't be one.
fn question(id: u16, name: &str, kind: Kind) -> Option<Vec<u8>> {
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
fn is_answer(message: &[u8], question: &[u8]) -> bool {
    let same = |range: std::ops::Range<usize>| {
        message.get(range.clone()).is_some_and(|part| part.eq_ignore_ascii_case(&question[range]))
    };
    same(0..2) && same(12..question.len()) && message[2] & 0x80 != 0
}

fn records(message: &[u8], question: &[u8], kind: Kind) -> Result<Vec<Record>, Flaw> {
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

/// RFC 1035 §4.1.1
fn code_name(code: u8) -> String {
    match code {
        1 => "FORMERR".to_owned(),
        2 => "SERVFAIL".to_owned(),
        4 => "NOTIMP".to_owned(),
        5 => "REFUSED".to_owned(),
        code => format!("code {code}"),
    }
}

/// resolv.conf(5); an address may name its network interface, which is left out.
fn name_servers(text: &str) -> Vec<SocketAddr> {
    let address = |line: &str| {
        let (word, address) = line.trim().split_once(char::is_whitespace)?;
        let address = address.trim().split('%').next()?.parse::<IpAddr>().ok()?;
        (word == "nameserver").then_some(SocketAddr::new(address, PORT))
    };
    text.lines().filter_map(address).collect()
}

#[cfg(test)]
mod tests;

//! A name server that knows a few names: DNS over UDP (RFC 1035), answers in full.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// What there is of a name: hosts with their order, or texts.
#[derive(Debug, Clone, Copy)]
pub enum Record {
    Mx(u8, &'static str),
    Txt(&'static str),
}

/// Serves until it is dropped.
pub struct NameServer {
    place: SocketAddr,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl NameServer {
    /// A name that stands nowhere doesn't exist.
    pub fn start(zone: &[(&'static str, Record)]) -> NameServer {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let (place, stopped) = (socket.local_addr().unwrap(), Arc::new(AtomicBool::new(false)));
        let (zone, stop) = (zone.to_vec(), stopped.clone());
        let thread = std::thread::spawn(move || {
            let mut question = [0; 512];
            while !stop.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut question) else { continue };
                socket.send_to(&answer(&question[..length], &zone), from).unwrap();
            }
        });
        NameServer { place, stopped, thread: Some(thread) }
    }

    pub fn place(&self) -> String {
        self.place.to_string()
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn answer(question: &[u8], zone: &[(&str, Record)]) -> Vec<u8> {
    let (mut labels, mut at) = (Vec::new(), 12);
    while question[at] != 0 {
        let end = at + 1 + usize::from(question[at]);
        labels.push(String::from_utf8(question[at + 1..end].to_vec()).unwrap());
        at = end;
    }
    let name = labels.join(".");
    let kind = question[at + 2];
    let of_name: Vec<Record> = zone.iter().filter(|(known, _)| *known == name).map(|(_, record)| *record).collect();
    let data: Vec<Vec<u8>> = of_name
        .iter()
        .filter_map(|record| match record {
            Record::Mx(order, host) if kind == 15 => Some([&[0, *order], &*encoded(host)].concat()),
            Record::Txt(text) if kind == 16 => Some([&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()),
            _ => None,
        })
        .collect();
    let mut message = question.to_vec();
    message[2] |= 0x80;
    message[3] = if of_name.is_empty() { 3 } else { 0 };
    message[7] = u8::try_from(data.len()).unwrap();
    for data in data {
        message.extend_from_slice(&[0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 60, 0, u8::try_from(data.len()).unwrap()]);
        message.extend_from_slice(&data);
    }
    message
}

fn encoded(name: &str) -> Vec<u8> {
    let labels = name.split('.').filter(|label| !label.is_empty());
    let labels = labels.flat_map(|label| [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat());
    labels.chain([0]).collect()
}

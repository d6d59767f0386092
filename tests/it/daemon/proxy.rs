//! A network between the daemon and a server that a test can cut.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    Works,
    /// What is sent does not arrive, until it works again; nobody is told.
    Silent,
    /// Connections are reset, new ones too.
    Cut,
}

/// Forwards a port of its own to another one of this machine.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    target: u16,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    network: Network,
    open: Vec<TcpStream>,
}

impl Proxy {
    pub fn to(target: u16) -> Proxy {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Mutex::new(State { network: Network::Works, open: Vec::new() });
        let shared = Arc::new(Shared { target, state, changed: Condvar::new() });
        let accepting = shared.clone();
        // Ends with the tests' program.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                accepting.connect(stream.unwrap());
            }
        });
        Proxy { port, shared }
    }

    /// To the server of a URL such as `postgres://user:password@host:PORT/name`; gives the URL through the proxy as well.
    pub fn before(url: &str) -> (Proxy, String) {
        let (start, end) = url.rsplit_once('/').expect("a database");
        let (host, port) = start.rsplit_once(':').expect("a port");
        let proxy = Proxy::to(port.parse().unwrap());
        let through = format!("{host}:{}/{end}", proxy.port);
        (proxy, through)
    }

    pub fn set(&self, network: Network) {
        let mut state = self.shared.state();
        state.network = network;
        if network == Network::Cut {
            for stream in state.open.drain(..) {
                // An error: it has ended already.
                _ = stream.shutdown(Shutdown::Both);
            }
        }
        self.shared.changed.notify_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.set(Network::Cut);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connect(self: &Arc<Self>, client: TcpStream) {
        let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.target)) else { return };
        let mut state = self.state();
        if state.network == Network::Cut {
            return;
        }
        state.open.extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
        for (from, to) in [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)] {
            let shared = self.clone();
            std::thread::spawn(move || shared.forward(from, to));
        }
    }

    fn forward(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut bytes = [0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            let mut state = self.state();
            while state.network == Network::Silent {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            drop(state);
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        // Errors: the other direction has ended it.
        _ = to.shutdown(Shutdown::Both);
        _ = from.shutdown(Shutdown::Both);
    }
}

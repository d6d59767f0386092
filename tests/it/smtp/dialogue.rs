//! One connection of a scripted server after the other, all at once.

use super::peer::{Over, Peer, Stream};
use super::{Answer, Entry, Shared, Step, Tls};
use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Until `stopped`.
pub(super) fn run(listener: TcpListener, shared: Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let accept = async {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                socket.set_nodelay(true).unwrap();
                tokio::spawn(converse(Box::new(socket), shared.clone()));
            }
        };
        tokio::select! {
            () = accept => {}
            _ = stopped => {}
        }
    });
}

async fn converse(mut socket: Box<dyn Stream>, shared: Arc<Shared>) {
    let number = shared.arrived();
    if shared.options.tls == Tls::Implicit {
        match shared.options.certificate.acceptor().accept(socket).await {
            Ok(stream) => socket = Box::new(stream),
            Err(_) => return,
        }
    }
    let encrypted = shared.options.tls == Tls::Implicit;
    let mut peer = Peer::new(socket, shared, number, encrypted);
    let Err(Over) = peer.serve().await;
}

impl Peer {
    async fn serve(&mut self) -> Result<Infallible, Over> {
        self.step(Step::Connect, "", "220 scripted ESMTP").await?;
        loop {
            let line = String::from_utf8_lossy(&self.line().await?).trim_end().to_owned();
            self.shared.said(self.number, &line);
            self.obey(&line).await?;
        }
    }

    async fn obey(&mut self, line: &str) -> Result<(), Over> {
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        match &*verb {
            _ if !self.login.is_empty() => self.login(line).await,
            "AUTH" => self.login(line).await,
            "EHLO" => {
                (self.from, self.to) = (None, Vec::new());
                let usual = self.greeting();
                self.step(Step::Ehlo, line, &usual).await.map(drop)
            }
            "STARTTLS" => self.start_tls(line).await,
            "MAIL" => self.mail(line).await,
            "RCPT" => self.rcpt(line).await,
            "DATA" => self.data(line).await,
            "RSET" => {
                (self.from, self.to) = (None, Vec::new());
                self.step(Step::Rset, line, "250 2.0.0 ok").await.map(drop)
            }
            "NOOP" => self.step(Step::Noop, line, "250 2.0.0 ok").await.map(drop),
            "QUIT" => {
                self.step(Step::Quit, line, "221 2.0.0 bye").await?;
                Err(Over)
            }
            _ => self.step(Step::Other, line, "500 5.5.2 what?").await.map(drop),
        }
    }

    fn greeting(&self) -> String {
        let options = &self.shared.options;
        let mut lines = vec!["scripted".to_owned(), "8BITMIME".to_owned()];
        lines.extend(options.size.map(|size| format!("SIZE {size}")));
        lines.extend(options.utf8.then(|| "SMTPUTF8".to_owned()));
        if options.tls == Tls::Upgrade && !self.encrypted {
            lines.push("STARTTLS".to_owned());
        } else {
            lines.extend(options.login.as_ref().map(|login| format!("AUTH {}", login.mechanisms)));
        }
        let last = lines.len() - 1;
        let line = |(index, line)| format!("250{}{line}", if index == last { ' ' } else { '-' });
        lines.into_iter().enumerate().map(line).collect::<Vec<_>>().join("\r\n")
    }

    async fn start_tls(&mut self, line: &str) -> Result<(), Over> {
        let usual = match self.shared.options.tls {
            Tls::Upgrade if !self.encrypted => "220 2.0.0 go ahead",
            _ => "503 5.5.1 not now",
        };
        if self.step(Step::StartTls, line, usual).await?.starts_with("220") {
            self.upgrade().await?;
        }
        Ok(())
    }

    async fn login(&mut self, line: &str) -> Result<(), Over> {
        self.login.push(line.to_owned());
        let login = self.shared.options.login.as_ref();
        let usual = login.map_or_else(|| "503 5.5.1 no login here".to_owned(), |login| login.reply(&self.login));
        let said = self.step(Step::Auth, line, &usual).await?;
        if !said.starts_with("334") {
            self.logged_in = said.starts_with("235");
            self.login.clear();
        }
        Ok(())
    }

    async fn mail(&mut self, line: &str) -> Result<(), Over> {
        let options = &self.shared.options;
        let size = line.split(' ').find_map(|word| word.strip_prefix("SIZE=")?.parse().ok());
        let usual = match () {
            () if options.login.is_some() && !self.logged_in => "530 5.7.0 log in first",
            () if self.from.is_some() => "503 5.5.1 one at a time",
            () if self.is_too_large(size.unwrap_or(0)) => "552 5.3.4 too large",
            () => "250 2.1.0 ok",
        };
        if self.step(Step::Mail, line, usual).await?.starts_with('2') {
            self.from = Some(path(line));
        }
        Ok(())
    }

    fn is_too_large(&self, size: usize) -> bool {
        self.shared.options.size.is_some_and(|largest| size > largest)
    }

    async fn rcpt(&mut self, line: &str) -> Result<(), Over> {
        let usual = if self.from.is_some() { "250 2.1.5 ok" } else { "503 5.5.1 MAIL first" };
        self.to.push(path(line));
        if !self.step(Step::Rcpt, line, usual).await?.starts_with('2') {
            self.to.pop();
        }
        Ok(())
    }

    async fn data(&mut self, line: &str) -> Result<(), Over> {
        let usual = if self.to.is_empty() { "503 5.5.1 RCPT first" } else { "354 go ahead" };
        if !self.step(Step::Data, line, usual).await?.starts_with("354") {
            return Ok(());
        }
        let body = self.ask(Step::Body, "");
        if matches!(body, Answer::Drop) {
            self.begin().await?;
        }
        self.give(body, "", None).await?;
        let message = self.message().await?;
        let usual = match self.is_too_large(message.len()) {
            true => "552 5.3.4 too large".to_owned(),
            false => format!("250 2.0.0 taken as {}.{}", self.number, self.mails + 1),
        };
        let answer = self.ask(Step::Dot, "");
        let entry = Entry::new(self.number, &self.from.take().unwrap_or_default(), &self.to.join(","), message);
        self.to.clear();
        self.give(answer, &usual, Some(entry)).await.map(drop)
    }
}

/// What stands between the angle brackets.
fn path(line: &str) -> String {
    let path = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    path.map_or_else(String::new, |(path, _)| path.to_owned())
}

//! What the world is told of the sender's domain: without SPF, DKIM and DMARC other servers take its mail for spam.

use super::finding::Finding;
use crate::catalog::Catalog;
use crate::mail::{DnsError, Resolver, Server};
use crate::pipeline;
use std::net::IpAddr;
use tokio::join;

/// Who asks for what about which domain.
struct Inquiry<'a> {
    resolver: Resolver,
    domain: &'a str,
    /// The host that sends.
    relay: String,
}

pub async fn check(catalog: &Catalog, resolver: Resolver, selector: Option<&str>) -> Vec<Finding> {
    let Some(settings) = &catalog.settings.mail else { return Vec::new() };
    // What becomes a file goes nowhere; a server that can't be understood has been told of.
    let Ok(Server::Smtp(relay)) = pipeline::mail_server(settings) else { return Vec::new() };
    let from = settings.from.trim_end_matches('>');
    let domain = from.rsplit_once('@').map_or("", |(_, domain)| domain);
    if !domain.contains('.') {
        let what = format!("`{domain}` is no domain of the internet: other servers refuse its mail");
        return vec![Finding::warning("dns", what).advice("write an address of your domain into `settings.mail.from`")];
    }
    let inquiry = Inquiry { resolver, domain, relay: relay.host };
    let (mx, spf, dkim, dmarc) = join!(inquiry.mx(), inquiry.spf(), inquiry.dkim(selector), inquiry.dmarc());
    vec![mx, spf, dkim, dmarc]
}

impl Inquiry<'_> {
    /// Where bounces and answers go.
    async fn mx(&self) -> Finding {
        const ABOUT: &str = "dns mx";
        let domain = self.domain;
        match self.resolver.mx(domain).await {
            Ok(hosts) if hosts == ["."] => {
                Finding::failed(ABOUT, format!("{domain} says that it takes no mail: bounces and answers are lost"))
                    .advice("send from a domain that takes mail")
            }
            Ok(hosts) if hosts.is_empty() => {
                Finding::warning(ABOUT, format!("{domain} has no MX: bounces and answers may be lost"))
                    .advice(format!("publish, with the host that takes its mail: {domain}. IN MX 10 mail.{domain}."))
            }
            Ok(hosts) => Finding::good(ABOUT, format!("mail for {domain} goes to {}", hosts.join(", "))),
            Err(DnsError::NoName(_)) => {
                Finding::failed(ABOUT, format!("there is no domain {domain}: other servers refuse its mail"))
                    .advice("correct `settings.mail.from`")
            }
            Err(error) => unknown(ABOUT, &error),
        }
    }

    /// Which servers may send for the domain (RFC 7208).
    async fn spf(&self) -> Finding {
        const ABOUT: &str = "dns spf";
        let domain = self.domain;
        let found = match self.texts(domain).await {
            Ok(texts) => texts.into_iter().filter(|text| is_spf(text)).collect::<Vec<_>>(),
            Err(error) => return unknown(ABOUT, &error),
        };
        match &found[..] {
            [] => Finding::warning(ABOUT, format!("{domain} doesn't say which servers may send for it"))
                .advice("publish this, and what the operator of the mail server adds to it:")
                .advice(format!("{domain}. IN TXT \"v=spf1 mx{} ~all\"", sender(&self.relay))),
            [spf] if spf.split_whitespace().any(|term| matches!(term, "+all" | "all")) => {
                Finding::warning(ABOUT, format!("anybody may send for {domain}: {spf}"))
                    .advice("let it end with ~all or -all")
            }
            [spf] => Finding::good(ABOUT, spf.clone()),
            [_, _, ..] => {
                Finding::failed(ABOUT, format!("{domain} has {} SPF records, so that none counts", found.len()))
                    .advice("make one of them")
            }
        }
    }

    /// The key that signatures are checked with (RFC 6376); it is known by a name that only the signing server tells.
    async fn dkim(&self, selector: Option<&str>) -> Finding {
        const ABOUT: &str = "dns dkim";
        let Some(selector) = selector else {
            return Finding::warning(ABOUT, "not looked at: the key's name is known to the mail server alone")
                .advice("ask its operator for the selector, then: kpid doctor --dkim-selector NAME");
        };
        let name = format!("{selector}._domainkey.{}", self.domain);
        match self.texts(&name).await {
            Err(error) => unknown(ABOUT, &error),
            Ok(texts) if texts.iter().any(|text| key(text).is_some_and(|key| !key.is_empty())) => {
                Finding::good(ABOUT, format!("{name} has a key"))
            }
            Ok(texts) if texts.iter().any(|text| key(text).is_some()) => {
                Finding::failed(ABOUT, format!("the key of {name} was withdrawn"))
                    .advice("publish the one that the mail server signs with")
            }
            Ok(_) => Finding::failed(ABOUT, format!("there is no key at {name}"))
                .advice("publish, with the key that the mail server's operator gives you:")
                .advice(format!("{name}. IN TXT \"v=DKIM1; k=rsa; p=…\"")),
        }
    }

    /// What to do with mail that only claims to come from the domain (RFC 7489); a parent may say it for all below.
    async fn dmarc(&self) -> Finding {
        const ABOUT: &str = "dns dmarc";
        let mut name = self.domain;
        loop {
            match self.texts(&format!("_dmarc.{name}")).await {
                Err(error) => return unknown(ABOUT, &error),
                Ok(texts) => {
                    if let Some(policy) = texts.into_iter().find(|text| text.starts_with("v=DMARC1")) {
                        return Finding::good(ABOUT, policy);
                    }
                }
            }
            match name.split_once('.') {
                Some((_, parent)) if parent.contains('.') => name = parent,
                _ => break,
            }
        }
        let domain = self.domain;
        Finding::warning(ABOUT, format!("{domain} doesn't say what to do with forged mail"))
            .advice("publish this to begin with; reports of forgeries come to that address:")
            .advice(format!("_dmarc.{domain}. IN TXT \"v=DMARC1; p=none; rua=mailto:postmaster@{domain}\""))
    }

    /// The texts of a name, none if it isn't there.
    async fn texts(&self, name: &str) -> Result<Vec<String>, DnsError> {
        match self.resolver.txt(name).await {
            Err(DnsError::NoName(_)) => Ok(Vec::new()),
            found => found,
        }
    }
}

fn is_spf(text: &str) -> bool {
    text.split(' ').next().is_some_and(|version| version.eq_ignore_ascii_case("v=spf1"))
}

/// The tag `p=` of a DKIM key.
fn key(text: &str) -> Option<&str> {
    text.split(';').find_map(|tag| tag.trim().strip_prefix("p=")).map(str::trim)
}

fn unknown(about: &str, error: &DnsError) -> Finding {
    Finding::warning(about, format!("can't be looked up: {error}")).advice("see /etc/resolv.conf")
}

/// The relay as an SPF record names it (RFC 7208 §5); a relay on this machine is no name for others.
fn sender(relay: &str) -> String {
    match relay.parse::<IpAddr>() {
        Ok(address) if address.is_loopback() => String::new(),
        Ok(IpAddr::V4(address)) => format!(" ip4:{address}"),
        Ok(IpAddr::V6(address)) => format!(" ip6:{address}"),
        Err(_) if relay == "localhost" => String::new(),
        Err(_) => format!(" a:{relay}"),
    }
}

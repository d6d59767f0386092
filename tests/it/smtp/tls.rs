//! TLS as a scripted server shows it: with a good certificate, an expired one, or that of another server.

use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The file of the authority that signed all certificates: `SSL_CERT_FILE` for a client that is to trust them.
pub const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/smtp/certificates/authority.pem");

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tls {
    #[default]
    Off,
    /// By STARTTLS.
    Upgrade,
    /// From the first byte.
    Implicit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Certificate {
    /// Of `localhost` and 127.0.0.1.
    #[default]
    Good,
    Expired,
    /// Of `mail.example.com`.
    OtherName,
}

/// Certificate and key.
macro_rules! pair {
    ($name:literal) => {
        (
            include_bytes!(concat!("certificates/", $name, ".pem")).as_slice(),
            include_bytes!(concat!("certificates/", $name, ".key")).as_slice(),
        )
    };
}

impl Certificate {
    pub(super) fn acceptor(self) -> TlsAcceptor {
        let (certificate, key) = match self {
            Certificate::Good => pair!("good"),
            Certificate::Expired => pair!("expired"),
            Certificate::OtherName => pair!("other_name"),
        };
        let certificate = CertificateDer::from_pem_slice(certificate).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

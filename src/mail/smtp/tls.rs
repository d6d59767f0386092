//! TLS as this machine trusts it: its certificates, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name; always verified.

use super::wire::{Failure, Stream};
use rustls_native_certs::load_native_certs;
use std::sync::Arc;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// What is trusted now; it takes a few milliseconds to read.
pub(super) async fn trust() -> Result<Arc<ClientConfig>, Failure> {
    let read = tokio::task::spawn_blocking(|| {
        let found = load_native_certs();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        (roots, found.errors)
    });
    let (roots, errors) = read.await.map_err(Failure::broken)?;
    if roots.is_empty() {
        let why = errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
        let remedy = "install ca-certificates, or let SSL_CERT_FILE name a file of certificates";
        return Err(Failure::Unfit(format!("no TLS, for this machine trusts no certificate{why}; {remedy}")));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has ciphers for TLS 1.2 and 1.3");
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// `stream` under TLS with a server that proved to be `host`.
pub(super) async fn protected(
    stream: Box<dyn Stream>,
    host: &str,
    trust: Arc<ClientConfig>,
) -> Result<Box<dyn Stream>, Failure> {
    let name = ServerName::try_from(host.to_owned()).map_err(|error| Failure::Unfit(error.to_string()))?;
    match TlsConnector::from(trust).connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        // A certificate doesn't mend itself; a lost connection does.
        Err(error) if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
            Err(Failure::Unfit(format!("no TLS, so nothing was sent: {error}")))
        }
        Err(error) => Err(Failure::broken(error)),
    }
}

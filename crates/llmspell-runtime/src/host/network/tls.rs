//! Encryption, and whose certificates are believed.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use llmspell_core::{Result, error};
use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};

use super::opening::Sessions;

/// The system's certificates and those of `ca_file`, loaded at the first use.
#[derive(Debug, Default)]
pub(super) struct Tls {
    ca_file: Option<PathBuf>,
    checked: OnceLock<Arc<ClientConfig>>,
}

impl Tls {
    pub(super) fn new(ca_file: Option<PathBuf>) -> Self {
        Self {
            ca_file,
            checked: OnceLock::new(),
        }
    }

    /// Makes ring the process's cryptography, unless another part of it has chosen already.
    pub(super) fn install(&self) {
        let _ = rustls::crypto::ring::default_provider().install_default();
    }

    /// Returns the options of a client that checks certificates, or that does not.
    ///
    /// - Errors: `Config` if `ca_file` cannot be read.
    pub(super) fn config(&self, insecure: bool) -> Result<ClientConfig> {
        self.install();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        if insecure {
            let verifier = Arc::new(Unchecked(provider.clone()));
            return build(provider, verifier);
        }
        if let Some(config) = self.checked.get() {
            return Ok(ClientConfig::clone(config));
        }
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(
            self.extra()?,
            provider.clone(),
        );
        let verifier = verifier.map_err(|cause| {
            error!(Io, "the certificates of the system cannot be read").source(cause)
        })?;
        let config = build(provider, Arc::new(verifier))?;
        self.checked.set(Arc::new(config.clone())).ok();
        Ok(config)
    }

    /// Returns the certificates of `ca_file`.
    ///
    /// - Errors: `Config` if it cannot be read.
    pub(super) fn extra(&self) -> Result<Vec<CertificateDer<'static>>> {
        let Some(path) = &self.ca_file else {
            return Ok(Vec::new());
        };
        let bad = || {
            error!(Config, "'{}' holds no certificates", path.display())
                .hint("`security.network.ca_file` must be a file in PEM")
        };
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|cause| bad().source(cause))?;
        match certificates.is_empty() {
            true => Err(bad()),
            false => Ok(certificates),
        }
    }
}

fn build(
    provider: Arc<CryptoProvider>,
    verifier: Arc<dyn ServerCertVerifier>,
) -> Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| error!(Bug, "no version of TLS").source(cause))?;
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.resumption = Resumption::store(Arc::new(Sessions::default()));
    Ok(config)
}

/// Believes every certificate, for the hosts of `insecure_hosts`.
#[derive(Debug)]
struct Unchecked(Arc<CryptoProvider>);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

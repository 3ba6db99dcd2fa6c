//! TLS to an S3 endpoint: a real handshake with a local certificate, and a
//! refusal without trust in it.

use std::sync::Arc;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use catwing_embedded::S3Server;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::s3_client::{Endpoint, get, put};

/// Ends TLS in front of `server` and returns the port and the certificate (PEM).
async fn tls_in_front_of(server: &S3Server) -> anyhow::Result<(u16, String)> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_string()])?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (port, target) = (listener.local_addr()?.port(), server.address());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not trust the certificate hangs up here.
                let Ok(mut outer) = acceptor.accept(stream).await else {
                    return;
                };
                if let Ok(mut inner) = TcpStream::connect(target).await {
                    drop(tokio::io::copy_bidirectional(&mut outer, &mut inner).await);
                }
            });
        }
    });
    Ok((port, cert.pem()))
}

fn client(endpoint: &Endpoint, trust: TrustStore) -> Client {
    let context = TlsContext::builder()
        .with_trust_store(trust)
        .build()
        .unwrap();
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .tls_context(context);
    Client::from_conf(endpoint.config().http_client(http.build_https()).build())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_certificate_is_enough_and_needed() {
    let folder = tempfile::tempdir().unwrap();
    let server = S3Server::start(folder.path()).await.unwrap();
    let (port, certificate) = tls_in_front_of(&server).await.unwrap();
    let endpoint = Endpoint {
        url: format!("https://localhost:{port}"),
        ..Endpoint::of(&server)
    };

    let trust = TrustStore::empty().with_pem_certificate(certificate.into_bytes());
    let trusting = client(&endpoint, trust.clone());
    trusting
        .create_bucket()
        .bucket("secure")
        .send()
        .await
        .unwrap();
    put(&trusting, "secure", "k", b"over TLS").await.unwrap();
    assert_eq!(get(&trusting, "secure", "k").await.unwrap(), b"over TLS");
    // A streamed body has its checksum in a trailer, which over TLS is unsigned.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), vec![7; 300_000]).unwrap();
    let body = ByteStream::from_path(file.path()).await.unwrap();
    trusting
        .put_object()
        .bucket("secure")
        .key("streamed")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(
        get(&trusting, "secure", "streamed").await.unwrap(),
        vec![7; 300_000]
    );

    let other = generate_simple_self_signed(["localhost".to_string()]).unwrap();
    let distrusting = client(
        &endpoint,
        TrustStore::empty().with_pem_certificate(other.cert.pem().into_bytes()),
    );
    let error = distrusting.list_buckets().send().await.unwrap_err();
    let chain = format!("{:?}", anyhow::Error::from(error));
    assert!(
        chain.contains("UnknownIssuer") || chain.contains("invalid peer certificate"),
        "{chain}"
    );

    // The right issuer does not excuse the wrong name.
    let elsewhere = Endpoint {
        url: format!("https://127.0.0.1:{port}"),
        ..endpoint
    };
    let misled = client(&elsewhere, trust);
    assert!(misled.list_buckets().send().await.is_err());
}

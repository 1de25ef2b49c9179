//! An engine behind TLS that wants to see a certificate, as dockerd with `--tlsverify` does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

mod real_docker {
    use super::support::{bench_with, sh};
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use shipstack_engine::{Engine, EngineConfig, EngineError, ExitClass};
    use shipstack_testkit::{DockerEngine, Upstream};
    use shipstack_types::WorkerId;
    use std::path::Path;
    use std::sync::Arc;
    use tokio::io::copy_bidirectional;
    use tokio::net::{TcpListener, UnixStream};
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
    use tokio_rustls::rustls::server::WebPkiClientVerifier;
    use tokio_rustls::rustls::{RootCertStore, ServerConfig};

    /// An authority of the test's own.
    struct Authority(CertifiedIssuer<'static, KeyPair>);

    impl Authority {
        fn new() -> Self {
            let mut params = CertificateParams::new([]).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
        }

        /// A certificate for this name, and its key.
        fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
            let key = KeyPair::generate().unwrap();
            let params = CertificateParams::new([name.to_owned()]).unwrap();
            (params.signed_by(&key, &self.0).unwrap(), key)
        }

        /// What `DOCKER_CERT_PATH` names: whom to believe, and a certificate of this authority to show.
        fn folder(&self, believed: &Self) -> tempfile::TempDir {
            let (certificate, key) = self.issue("client");
            let folder = tempfile::tempdir().unwrap();
            let write = |name: &str, pem: String| std::fs::write(folder.path().join(name), pem).unwrap();
            write("ca.pem", believed.0.pem());
            write("cert.pem", certificate.pem());
            write("key.pem", key.serialize_pem());
            folder
        }
    }

    /// TLS in front of the engine, for those with a certificate of this authority: where it listens.
    async fn front(engine: &DockerEngine, authority: &Authority) -> String {
        let mut roots = RootCertStore::empty();
        roots.add(authority.0.der().clone()).unwrap();
        let (certificate, key) = authority.issue("localhost");
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let config = ServerConfig::builder()
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![certificate.der().clone()], key);
        let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let Upstream::Unix(socket) = engine.upstream().unwrap() else { panic!("not a socket") };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, socket) = (acceptor.clone(), socket.clone());
                tokio::spawn(async move {
                    // Whoever is not let in, or hangs up, is the other side's affair.
                    let Ok(mut inside) = acceptor.accept(stream).await else { return };
                    let mut engine = UnixStream::connect(&socket).await.unwrap();
                    let _closed = copy_bidirectional(&mut inside, &mut engine).await;
                });
            }
        });
        format!("tcp://localhost:{port}")
    }

    async fn connect(host: &str, certificates: Option<&Path>) -> Result<Engine, EngineError> {
        let config = EngineConfig {
            docker_host: Some(host.to_owned()),
            docker_certificates: certificates.map(Path::to_path_buf),
            ..EngineConfig::new(WorkerId::new("tls-test", [0; 8]))
        };
        Engine::connect(config).await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_build_runs_on_an_engine_behind_tls() {
        let Some(engine) = DockerEngine::start() else { return };
        let authority = Authority::new();
        let (host, folder) = (front(&engine, &authority).await, authority.folder(&authority));
        let reached = bench_with(|config| {
            config.docker_host = Some(host);
            config.docker_certificates = Some(folder.path().to_owned());
        });
        let Some(bench) = reached.await else { return };
        let sandbox = bench.filled(&[("greeting", "hello over TLS")]).await;
        let (end, said) = sh(&sandbox, "cat greeting").await;
        sandbox.remove().await.unwrap();
        assert_eq!((end.exit, said.as_str()), (ExitClass::Ok, "hello over TLS"));
        assert_eq!(bench.engine.data_folder().await.unwrap(), None, "its disk is not this machine's");
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn strangers_on_either_side_are_refused_and_a_missing_file_is_named() {
        let Some(engine) = DockerEngine::start() else { return };
        let (authority, stranger) = (Authority::new(), Authority::new());
        let host = front(&engine, &authority).await;
        let why = async |certificates: Option<&Path>| connect(&host, certificates).await.unwrap_err();
        for (shows, believes) in [(&stranger, &authority), (&authority, &stranger)] {
            let folder = shows.folder(believes);
            let error = why(Some(folder.path())).await;
            assert!(matches!(error, EngineError::Unavailable { .. }), "{error:?}");
        }
        assert!(matches!(why(None).await, EngineError::Unavailable { .. }), "in the clear");
        let folder = authority.folder(&authority);
        std::fs::remove_file(folder.path().join("key.pem")).unwrap();
        let error = why(Some(folder.path())).await;
        assert!(matches!(error, EngineError::Certificate { .. }), "{error:?}");
        assert!(error.to_string().contains("key.pem"), "{error}");
    }
}

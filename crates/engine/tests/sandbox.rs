//! The life of a sandbox on a real engine: open, fill, run, collect, remove.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

mod real_docker {
    use super::support::{bench, collect, sh};
    use shipstack_engine::ExitClass;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_vite_project_installs_builds_and_is_collected() {
        let Some(bench) = bench().await else { return };
        bench.engine.start_egress().await.unwrap();
        let sandbox = bench
            .filled(&[
                ("package.json", r#"{"private":true,"type":"module","scripts":{"build":"vite build"},"devDependencies":{"vite":"5.4.21"}}"#),
                ("index.html", "<!doctype html><script type=module src=/src/main.js></script>"),
                ("src/main.js", "document.body.textContent = 'hello from the sandbox';"),
            ])
            .await;
        let (end, output) = sh(&sandbox, "npm install").await;
        assert_eq!(end.exit, ExitClass::Ok, "{output}");
        let (end, output) = sh(&sandbox, "npm run build").await;
        assert_eq!(end.exit, ExitClass::Ok, "{output}");
        assert!(end.peak_memory_bytes.unwrap() > 10 << 20);
        let files = collect(&sandbox, "dist").await.unwrap();
        assert!(files.contains_key("index.html"), "{:?}", files.keys());
        let receipt = sandbox.egress_receipt().await.unwrap();
        assert!(receipt.allowed.iter().any(|host| host.received > 1 << 20), "{receipt:?}");
        assert_eq!(receipt.refused, []);
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }
}

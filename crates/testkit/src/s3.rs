//! A real S3 server (`SeaweedFS`), and a bucket of the test's own in it.
//!
//! The program is named by `SHIPSTACK_TEST_WEED`. One server serves a whole test process (it takes seconds to
//! start); one that runs already is named by `SHIPSTACK_TEST_S3_ENDPOINT` and must know [`SeaweedFs::KEY`].
//! Buckets are made, looked into and removed with curl's own request signing, so that what the product stored is
//! seen with other eyes than the product's.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::missing::or_skip;
use crate::port::free_port_pair;
use crate::process::Leashed;
use crate::wait::ready_within;

/// Master, volume and filer have to find each other; 3 s on an idle machine.
const START: Duration = Duration::from_mins(1);

const IDENTITIES: &str = r#"{"identities":[{"name":"tests","credentials":[
{"accessKey":"shipstack-tests","secretKey":"shipstack-tests-secret"}],
"actions":["Admin","Read","Write","List","Tagging"]}]}"#;

/// A running S3 server; killed and removed when dropped.
#[derive(Debug)]
pub struct SeaweedFs {
    endpoint: String,
    /// `None` for one that somebody else started.
    own: Option<Own>,
}

/// A server of this process's own. Dropped in this order: first the process, then its folder.
#[derive(Debug)]
struct Own {
    process: Mutex<Leashed>,
    command: Vec<String>,
    folder: TempDir,
}

impl SeaweedFs {
    /// The key that may do everything.
    pub const KEY: &'static str = "shipstack-tests";
    /// Its secret.
    pub const SECRET: &'static str = "shipstack-tests-secret";
    /// The region clients sign for.
    pub const REGION: &'static str = "us-east-1";

    /// A fresh bucket on the test process's server; `None` after a skip.
    pub fn bucket() -> Option<Bucket> {
        or_skip("S3", Self::shared().and_then(Bucket::create))
    }

    /// The server of this test process: the one named by `SHIPSTACK_TEST_S3_ENDPOINT`, else one of its own.
    pub fn shared() -> Result<Arc<Self>> {
        static SHARED: OnceLock<Result<Arc<SeaweedFs>, String>> = OnceLock::new();
        let start =
            || Self::given().map_or_else(Self::start, Ok).map(Arc::new).map_err(|error| format!("{error:#}"));
        SHARED.get_or_init(start).clone().map_err(anyhow::Error::msg)
    }

    /// Starts a server of the caller's own, for tests that kill it.
    pub fn start() -> Result<Self> {
        let weed = std::env::var_os("SHIPSTACK_TEST_WEED").context("SHIPSTACK_TEST_WEED is not set")?;
        Self::start_program(Path::new(&weed))
    }

    /// Starts a server of the caller's own from this program, for xtask.
    pub fn start_program(weed: &Path) -> Result<Self> {
        Self::start_in(weed, &std::env::temp_dir())
    }

    /// The same, with its files in a folder that is made in `base`.
    pub fn start_in(weed: &Path, base: &Path) -> Result<Self> {
        // Between looking for its free ports and opening them somebody else may have taken one.
        let again = || Self::try_start_in(weed, base);
        again().or_else(|_| again()).or_else(|_| again())
    }

    fn try_start_in(weed: &Path, base: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("shipstack-s3-").tempdir_in(base)?;
        std::fs::write(folder.path().join("s3.json"), IDENTITIES)?;
        std::fs::create_dir(folder.path().join("data"))?;
        let port = free_port_pair()?;
        let endpoint = format!("http://127.0.0.1:{port}");
        let command = command(&weed.to_string_lossy(), folder.path(), port)?;
        let process = Mutex::new(started(folder.path(), &command, &endpoint)?);
        Ok(Self { endpoint, own: Some(Own { process, command, folder }) })
    }

    /// Kills the server and starts it again on what it kept; back once it can store.
    pub fn restart(&self) -> Result<()> {
        let own = self.own.as_ref().context("this server was started by somebody else")?;
        let mut process = own.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.kill();
        *process = started(own.folder.path(), &own.command, &self.endpoint)?;
        Ok(())
    }

    /// What `AWS_ENDPOINT_URL` is set to.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    fn given() -> Option<Self> {
        let endpoint = std::env::var_os("SHIPSTACK_TEST_S3_ENDPOINT")?.into_string().ok()?;
        Some(Self { endpoint, own: None })
    }
}

fn started(folder: &Path, command: &[String], endpoint: &str) -> Result<Leashed> {
    let process = Leashed::start(folder, command)?;
    ready_within(START, || {
        process.ensure_running(folder)?;
        Ok(can_store(endpoint))
    })?;
    Ok(process)
}

/// The S3 port answers before a volume can take bytes; only a stored object proves readiness.
fn can_store(endpoint: &str) -> bool {
    let put = |path: &str, extra: &[&str]| {
        let url = format!("{endpoint}/shipstack-ready{path}");
        curl(&url, &[&["-f", "-X", "PUT"], extra].concat()).is_ok_and(|output| output.status.success())
    };
    // From the second look on, the bucket is there already and making it is refused.
    put("", &[]);
    // curl 7.88 signs a body wrongly for S3; a body left out of the signature is allowed.
    put("/probe", &["--data-binary", "ready", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"])
}

fn command(weed: &str, folder: &Path, port: u16) -> Result<Vec<String>> {
    let folder = folder.display();
    let mut command: Vec<String> = [weed, "server", "-s3", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
        .into_iter()
        .chain(["-s3.port.iceberg=0", "-s3.port.lance=0", "-volume.max=400", "-master.volumeSizeLimitMB=64"])
        .chain(["-master.telemetry=false"])
        .map(str::to_owned)
        .collect();
    command.push(format!("-dir={folder}/data"));
    command.push(format!("-s3.config={folder}/s3.json"));
    command.push(format!("-s3.localSocket={folder}/s3.sock"));
    command.push(format!("-filer.localSocket={folder}/filer.sock"));
    command.push(format!("-s3.port={port}"));
    for part in ["master", "volume", "filer"] {
        command.push(format!("-{part}.port={}", free_port_pair()?));
    }
    Ok(command)
}

/// What one curl is asked for: few enough for its arguments, enough to make its start cheap.
const FETCHED_AT_ONCE: usize = 100;

/// Runs curl with the request signed for the server.
fn curl(url: &str, arguments: &[&str]) -> Result<Output> {
    signed_curl().args(arguments).arg(url).output().context("curl is missing")
}

fn signed_curl() -> Command {
    let user = format!("{}:{}", SeaweedFs::KEY, SeaweedFs::SECRET);
    let signing = format!("aws:amz:{}:s3", SeaweedFs::REGION);
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--path-as-is", "--max-time", "20", "--noproxy", "*"]);
    curl.args(["--user", &user, "--aws-sigv4", &signing]);
    curl
}

/// An object as a plain S3 client sees it.
#[derive(Debug)]
pub struct Fetched {
    /// The HTTP status.
    pub status: u16,
    /// Header lines, in order.
    pub headers: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Fetched {
    /// A header's value, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        crate::wire::find_header(&self.headers, name)
    }
}

/// A bucket of the test's own, removed with all its objects when dropped.
#[derive(Debug)]
pub struct Bucket {
    server: Arc<SeaweedFs>,
    name: String,
}

impl Bucket {
    /// Makes a bucket of its own on that server.
    pub fn create(server: Arc<SeaweedFs>) -> Result<Self> {
        // The folder's random name is unique among all processes of this machine that share a server.
        let unique = tempfile::Builder::new().prefix("b").rand_bytes(12).tempdir()?;
        let stem = unique.path().file_name().context("a folder without a name")?;
        let name = format!("shipstack-{:x}-{}", std::process::id(), hex(&stem.to_string_lossy()));
        let bucket = Self { server, name };
        let output = curl(&bucket.url(""), &["-f", "-X", "PUT"])?;
        ensure!(output.status.success(), "no bucket: {}", String::from_utf8_lossy(&output.stderr));
        Ok(bucket)
    }

    /// What `AWS_BUCKET` is set to.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What `AWS_ENDPOINT_URL` is set to.
    pub fn endpoint(&self) -> &str {
        self.server.endpoint()
    }

    /// The server's address, for a proxy before it.
    pub fn address(&self) -> Result<SocketAddr> {
        self.endpoint().trim_start_matches("http://").parse().context("the endpoint is no address")
    }

    /// Gets an object as a plain S3 client does.
    pub fn fetch(&self, key: &str) -> Result<Fetched> {
        let output = curl(&self.url(key), &["-i"])?;
        let mut bytes = output.stdout.as_slice();
        let status = crate::wire::read_line(&mut bytes)?;
        let status = status.split(' ').nth(1).context("no status")?.parse()?;
        let headers = crate::wire::read_headers(&mut bytes)?;
        Ok(Fetched { status, headers, body: bytes.to_vec() })
    }

    /// Gets many objects with one client, in the order asked for; `None` for each that is not there.
    pub fn fetch_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>> {
        let mut found = Vec::with_capacity(keys.len());
        for keys in keys.chunks(FETCHED_AT_ONCE) {
            let folder = tempfile::tempdir()?;
            let mut wanted = Vec::new();
            for (place, key) in keys.iter().enumerate() {
                let file = folder.path().join(place.to_string());
                writeln!(wanted, "url = \"{}\"\noutput = \"{}\"", self.url(key), file.display())?;
            }
            let config = folder.path().join("wanted");
            std::fs::write(&config, wanted)?;
            // `--fail` leaves no file for what is not there, and makes curl fail in the end.
            signed_curl().args(["-f", "-K"]).arg(&config).output().context("curl is missing")?;
            found.extend(
                (0..keys.len()).map(|place| std::fs::read(folder.path().join(place.to_string())).ok()),
            );
        }
        Ok(found)
    }

    /// Keys of multipart uploads that were begun and neither completed nor aborted.
    pub fn open_uploads(&self) -> Result<Vec<String>> {
        let output = curl(&format!("{}?uploads=", self.url("")), &["-f"])?;
        ensure!(output.status.success(), "uploads: {}", String::from_utf8_lossy(&output.stderr));
        let listing = String::from_utf8_lossy(&output.stdout).into_owned();
        let keys = listing.split("<Upload>").skip(1);
        Ok(keys
            .filter_map(|part| Some(part.split_once("<Key>")?.1.split_once("</Key>")?.0.to_owned()))
            .collect())
    }

    /// Keys of all objects, in their order.
    pub fn keys(&self) -> Result<Vec<String>> {
        let mut keys: Vec<String> = Vec::new();
        loop {
            // Encoded, and in the order of their names: curl signs the query as it is.
            let after = keys
                .last()
                .map_or_else(String::new, |last| format!("&start-after={}", last.replace('/', "%2F")));
            let output = curl(&format!("{}?list-type=2{after}", self.url("")), &["-f"])?;
            ensure!(output.status.success(), "no listing: {}", String::from_utf8_lossy(&output.stderr));
            let listing = String::from_utf8_lossy(&output.stdout).into_owned();
            let found = listing.split("<Key>").skip(1);
            keys.extend(found.filter_map(|part| Some(part.split_once("</Key>")?.0.to_owned())));
            if !listing.contains("<IsTruncated>true</IsTruncated>") {
                return Ok(keys);
            }
        }
    }

    /// Stores an object as a plain S3 client does.
    pub fn put(&self, key: &str, content: &[u8]) -> Result<()> {
        let mut file = tempfile::NamedTempFile::new()?;
        std::io::Write::write_all(&mut file, content)?;
        let body = format!("@{}", file.path().display());
        // curl 7.88 signs a body wrongly for S3; a body left out of the signature is allowed.
        let unsigned = "x-amz-content-sha256: UNSIGNED-PAYLOAD";
        let output = curl(&self.url(key), &["-f", "-X", "PUT", "--data-binary", &body, "-H", unsigned])?;
        ensure!(output.status.success(), "not stored: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    fn url(&self, key: &str) -> String {
        format!("{}/{}/{key}", self.endpoint(), self.name).trim_end_matches('/').to_owned()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        // The server removes a bucket with what is in it. A failure leaves it to the end of the server.
        let _removed = curl(&self.url(""), &["-X", "DELETE"]);
    }
}

/// Bucket names are lower case; the random part is not.
fn hex(text: &str) -> String {
    text.bytes()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|nibble| char::from_digit(nibble.into(), 16))
        .collect()
}

/** A real Redis and a real S3 store (SeaweedFS) for the three services, on free ports and in a folder of their own. */

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, Program, type Running } from "./programs";
import { until } from "./until";

const KEY = "shipstack-tests";
const SECRET = "shipstack-tests-secret";
const REGION = "us-east-1";
const IDENTITIES = {
  identities: [
    {
      name: "tests",
      credentials: [{ accessKey: KEY, secretKey: SECRET }],
      actions: ["Admin", "Read", "Write", "List", "Tagging"],
    },
  ],
};
const BUCKET = "shipstack-browser";

/** Starts both; answers what the services are to be told. `weed` is SeaweedFS's program. */
export async function startServers(running: Running, weed: string): Promise<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "shipstack-servers-"));
  running.add({ stop: async () => rmSync(folder, { recursive: true, force: true }) });
  const redisPort = await startRedis(running, folder);
  const endpoint = await startStore(running, weed, folder);
  return {
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    AWS_BUCKET: BUCKET,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: KEY,
    AWS_SECRET_ACCESS_KEY: SECRET,
  };
}

async function startRedis(running: Running, folder: string): Promise<number> {
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const [redis] = await Program.start(
    "redis-server",
    [...args, "--appendonly", "yes"],
    {},
    /Ready to accept connections/,
  );
  running.add(redis);
  return port;
}

async function startStore(running: Running, weed: string, folder: string): Promise<string> {
  const data = join(folder, "objects");
  mkdirSync(data);
  writeFileSync(join(folder, "s3.json"), JSON.stringify(IDENTITIES));
  const port = await freePort({ withPairAbove: 10_000 });
  const args = ["server", "-s3", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3.port.iceberg=0"];
  args.push("-s3.port.lance=0", "-volume.max=40", "-master.volumeSizeLimitMB=64", "-master.telemetry=false");
  args.push(`-dir=${data}`, `-s3.config=${join(folder, "s3.json")}`, `-s3.port=${port}`);
  args.push(`-s3.localSocket=${join(folder, "s3.sock")}`, `-filer.localSocket=${join(folder, "filer.sock")}`);
  for (const part of ["master", "volume", "filer"]) {
    args.push(`-${part}.port=${await freePort({ withPairAbove: 10_000 })}`);
  }
  // It writes its logs there.
  const [store] = await Program.start(weed, args, { TMPDIR: folder }, /\S/);
  running.add(store);
  const endpoint = `http://127.0.0.1:${port}`;
  await until(() => canStore(endpoint), 60_000);
  return endpoint;
}

/** The port answers before a volume can take bytes; only a stored object proves readiness. */
async function canStore(endpoint: string): Promise<boolean> {
  await put(`${endpoint}/${BUCKET}`, []);
  // A body that curl signs wrongly for S3; one left out of the signature is allowed.
  const unsigned = ["--data-binary", "ready", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"];
  return put(`${endpoint}/${BUCKET}/probe`, unsigned);
}

async function put(url: string, more: string[]): Promise<boolean> {
  const signing = ["--user", `${KEY}:${SECRET}`, "--aws-sigv4", `aws:amz:${REGION}:s3`];
  const args = ["-sSf", "--max-time", "20", "--noproxy", "*", "-X", "PUT", ...signing, ...more, url];
  return promisify(execFile)("curl", args).then(
    () => true,
    () => false,
  );
}

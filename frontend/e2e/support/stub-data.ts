/** Deployments in every state, as the contract words them. */

import type { Deployment, LogLine, Phase } from "../../src/api/types";

const MINUTE = 60_000;
const now = Date.now();
const at = (ms: number) => new Date(ms).toISOString();

function phases(start: number, parts: [Phase, number][], open = false): Deployment["phases"] {
  let clock = start;
  return parts.map(([phase, ms], place) => {
    const startedAt = at(clock);
    clock += ms;
    return { phase, startedAt, endedAt: open && place === parts.length - 1 ? null : at(clock) };
  });
}

const PLAN = {
  framework: "vite",
  packageManager: "npm@10",
  node: "22",
  directory: "",
  install: "npm ci",
  command: "npm run build",
  output: "dist",
  notes: [],
};

function base(id: string, ago: number, over: Partial<Deployment>): Deployment {
  return {
    id,
    status: "deployed",
    phase: null,
    project: null,
    parent: null,
    url: `http://${id}.localhost:3001/`,
    source: {
      kind: "git",
      url: "https://github.com/withastro/starlight-docs",
      ref: "main",
      commit: "9f1c2d4e5b6a79880123456789abcdef01234567",
      bytes: 482_130,
      files: 127,
    },
    plan: PLAN,
    phases: [],
    attempt: 1,
    queuePosition: null,
    estimatedWaitMs: null,
    createdAt: at(now - ago),
    endedAt: null,
    files: null,
    bytes: null,
    failure: null,
    ...over,
  };
}

const done: [Phase, number][] = [
  ["queued", 120],
  ["cloning", 1840],
  ["snapshotting", 210],
  ["queued", 90],
  ["preparing", 640],
  ["installing", 6420],
  ["building", 9830],
  ["collecting", 380],
  ["storing", 520],
  ["publishing", 60],
];

const early = now - 14 * MINUTE;

export const STUB_DEPLOYMENTS: Deployment[] = [
  base("b7w2k9d4m1xq8ztv", 0.4 * MINUTE, {
    status: "building",
    phase: "installing",
    phases: phases(
      now - 0.4 * MINUTE,
      [
        ["queued", 100],
        ["cloning", 1900],
        ["snapshotting", 300],
        ["queued", 60],
        ["preparing", 700],
        ["installing", 0],
      ],
      true,
    ),
  }),
  base("c4h8n2q6r0s5t9vw", 2 * MINUTE, {
    status: "uploaded",
    phase: "queued",
    queuePosition: 2,
    estimatedWaitMs: 95_000,
    source: { kind: "archive", prebuilt: false, commit: null, bytes: 88_000, files: 14 },
    plan: null,
  }),
  base("k3v9x2m7q4tzb8wd", 14 * MINUTE, {
    phases: phases(early, done),
    createdAt: at(early),
    endedAt: at(early + 20_110),
    files: 34,
    bytes: 1_482_133,
  }),
  base("f6y1p8j3c5n7d2hs", 40 * MINUTE, {
    status: "failed",
    source: {
      kind: "git",
      url: "https://github.com/acme/storefront",
      ref: "redesign/checkout",
      commit: "41d0c7a9be2f",
      bytes: 2_110_000,
      files: 412,
    },
    phases: phases(now - 40 * MINUTE, [
      ["queued", 80],
      ["cloning", 2300],
      ["snapshotting", 420],
      ["preparing", 700],
      ["installing", 11_900],
      ["building", 4100],
    ]),
    endedAt: at(now - 40 * MINUTE + 19_500),
    failure: {
      stage: "building",
      code: "build_failed",
      fault: "user",
      retryable: false,
      message: 'npm run build ended with exit code 1: Could not resolve "./Checkout.vue" from "src/main.ts"',
      remedy:
        "Correct the import in src/main.ts, or commit the missing file; file names are case-sensitive here. The last lines of the log say more.",
    },
  }),
  base("x9r4t7b2w8k1m5qc", 3 * 60 * MINUTE, {
    status: "cancelled",
    endedAt: at(now - 3 * 60 * MINUTE + 8_100),
    phases: phases(now - 3 * 60 * MINUTE, [
      ["queued", 80],
      ["cloning", 1300],
      ["installing", 6700],
    ]),
  }),
  base("z2d5g8j0n3q6s9vx", 26 * 60 * MINUTE, {
    source: { kind: "archive", prebuilt: true, commit: null, bytes: 51_000, files: 9 },
    endedAt: at(now - 26 * 60 * MINUTE + 1_400),
    files: 9,
    bytes: 51_000,
    plan: {
      ...PLAN,
      framework: null,
      packageManager: null,
      node: null,
      install: null,
      command: null,
      output: "",
    },
  }),
];

const ESC = "\u001b";
const TEXTS: [LogLine["stream"], Phase, string][] = [
  ["system", "cloning", "Fetching https://github.com/acme/storefront at redesign/checkout"],
  ["git", "cloning", "Receiving objects: 100% (1893/1893), 2.01 MiB | 4.10 MiB/s, done."],
  ["system", "snapshotting", "412 files, 2.0 MiB stored"],
  ["system", "preparing", "Found vite 7 with npm 10 and Node 22"],
  ["system", "installing", "$ npm ci"],
  [
    "stderr",
    "installing",
    `${ESC}[33mnpm warn deprecated${ESC}[39m inflight@1.0.6: This module is not supported`,
  ],
  ["stdout", "installing", "added 214 packages in 11s"],
  ["system", "building", "$ npm run build"],
  ["stdout", "building", `${ESC}[36mvite v7.1.12${ESC}[39m ${ESC}[32mbuilding for production...${ESC}[39m`],
  ["stdout", "building", "transforming (1)\rtransforming (18)\rtransforming (34)\r✓ 34 modules transformed."],
  ["stderr", "building", `${ESC}[31m${ESC}[1mx Build failed in 3.41s${ESC}[22m${ESC}[39m`],
  ["stderr", "building", `${ESC}[31merror during build:${ESC}[39m`],
  ["stderr", "building", 'Could not resolve "./Checkout.vue" from "src/main.ts"'],
  ["stderr", "building", "file: /workspace/project/src/main.ts"],
  [
    "stderr",
    "building",
    "    at getRollupError (/workspace/project/node_modules/rollup/dist/es/shared/parseAst.js:401:41)",
  ],
  ["system", "building", "The build command ended with exit code 1 after 4.1 s"],
];

export function stubLog(): LogLine[] {
  return TEXTS.map(([stream, phase, text], place) => ({
    seq: place + 1,
    at: at(now - 40 * MINUTE + place * 1_237),
    stream,
    phase,
    attempt: 1,
    text,
  }));
}

/** A log of `count` lines, the last of which is the only one with `needle-99999`-like text. */
export function longLog(count: number): LogLine[] {
  return Array.from({ length: count }, (_, place) => ({
    seq: place + 1,
    at: at(now - count + place),
    stream: place % 17 === 0 ? "stderr" : "stdout",
    phase: "building",
    attempt: 1,
    text: `${ESC}[32m✓${ESC}[39m module-${place + 1} transformed in ${ESC}[1m${place % 90} ms${ESC}[22m src/components/section-${place % 311}/index.tsx`,
  }));
}

/** The API's nouns as the dashboard uses them. */

export type DeploymentStatus = "uploading" | "uploaded" | "building" | "deployed" | "failed" | "cancelled";

export type Phase =
  | "queued"
  | "cloning"
  | "snapshotting"
  | "retrying"
  | "preparing"
  | "restoring"
  | "installing"
  | "building"
  | "collecting"
  | "storing"
  | "publishing";

export interface PhaseTiming {
  phase: Phase;
  startedAt: string;
  endedAt?: string | null;
}

export type Source = (
  | { kind: "git"; url: string; ref?: string | null }
  | { kind: "archive"; prebuilt?: boolean }
  | { kind: "adopted" }
) & { commit?: string | null; bytes?: number | null; files?: number | null; warnings?: string[] };

export interface BuildPlan {
  framework?: string | null;
  packageManager?: string | null;
  node?: string | null;
  directory: string;
  install?: string | null;
  command?: string | null;
  output: string;
  notes?: string[];
}

export interface Failure {
  stage: string;
  code: string;
  fault: "user" | "platform";
  retryable: boolean;
  message: string;
  remedy: string;
}

export interface EgressHost {
  host: string;
  port: number;
  sent: number;
  received: number;
  requests: number;
}

export interface Deployment {
  id: string;
  status: DeploymentStatus;
  phase?: Phase | null;
  project?: string | null;
  parent?: string | null;
  url: string;
  source: Source;
  plan?: BuildPlan | null;
  phases: PhaseTiming[];
  attempt: number;
  queuePosition?: number | null;
  createdAt: string;
  endedAt?: string | null;
  files?: number | null;
  bytes?: number | null;
  egress?: { allowed: EgressHost[]; refused: EgressHost[] } | null;
  failure?: Failure | null;
}

export interface LogLine {
  seq: number;
  at: string;
  stream: "system" | "git" | "stdout" | "stderr";
  phase: Phase;
  attempt: number;
  text: string;
}

export interface DeploymentPage {
  items: Deployment[];
  nextCursor?: string | null;
}

export interface ManifestEntry {
  path: string;
  bytes: number;
  sha256: string;
  contentType: string;
}

export interface Manifest {
  root: string;
  entries: ManifestEntry[];
}

export interface Check {
  name: string;
  ok: boolean;
  detail: string;
  remedy?: string | null;
}

export interface Readiness {
  status: string;
  checks: Check[];
}

export interface WorkerInfo {
  id: string;
  /** Builds it runs at once. */
  slots: number;
  version: string;
  ready: boolean;
  /** As of its last heartbeat. */
  checks: Check[];
}

export interface ServerInfo {
  version: string;
  abilities: string[];
  tokenNeeded: boolean;
  limits: Record<string, number>;
  serving: { domain: string; urlTemplate: string };
  ready: boolean;
  checks: Check[];
  workers: WorkerInfo[];
}

export interface BuildOptions {
  directory?: string;
  install?: string;
  command?: string;
  output?: string;
  node?: string;
  env?: Record<string, string>;
}

export interface CreateDeployment {
  git: { url: string; ref?: string };
  build?: BuildOptions;
}

const TERMINAL: ReadonlySet<DeploymentStatus> = new Set(["deployed", "failed", "cancelled"]);

/** Terminal states are final (design §3). */
export function isTerminal(status: DeploymentStatus): boolean {
  return TERMINAL.has(status);
}

export const STATUSES: readonly DeploymentStatus[] = [
  "uploading",
  "uploaded",
  "building",
  "deployed",
  "failed",
  "cancelled",
];

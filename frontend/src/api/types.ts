/** The API's nouns, from its OpenAPI document. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type BuildAttempt = Schemas["BuildAttempt"];
export type BuildOptions = Schemas["BuildOptions"];
export type BuildPlan = Schemas["PlanView"];
export type Check = Schemas["Check"];
export type Deployment = Schemas["Deployment"];
export type DeploymentStatus = Schemas["DeploymentState"];
export type DeployRequest = Schemas["DeployRequest"];
export type EgressHost = Schemas["EgressHost"];
export type EgressReceipt = Schemas["EgressReceipt"];
export type Failure = Schemas["Failure"];
export type LogLine = Schemas["LogLine"];
export type ManifestEntry = Schemas["ManifestEntry"];
export type Phase = Schemas["Phase"];
export type PhaseTiming = Schemas["PhaseTiming"];
export type Source = Schemas["SourceView"];
export type WorkerInfo = Schemas["Worker"];

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

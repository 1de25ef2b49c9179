/** Deployments over v1 (contract §6). */

import { apiUrl } from "./base";
import { call, queryString } from "./client";
import { ApiError } from "./errors";
import { type UploadProgress, upload } from "./transport";
import type {
  BuildOptions,
  CreateDeployment,
  Deployment,
  DeploymentPage,
  DeploymentStatus,
  Manifest,
} from "./types";

const PAGE_SIZE = 30;

const one = (id: string, rest = "") => `/v1/deployments/${encodeURIComponent(id)}${rest}`;

export interface PageRequest {
  status?: DeploymentStatus | undefined;
  cursor?: string | undefined;
  limit?: number;
  signal?: AbortSignal;
}

export function listDeployments({
  status,
  cursor,
  limit = PAGE_SIZE,
  signal,
}: PageRequest): Promise<DeploymentPage> {
  return call("GET", "/v1/deployments", { query: { status, cursor, limit }, signal });
}

export function getDeployment(id: string, signal?: AbortSignal): Promise<Deployment> {
  return call("GET", one(id), { signal });
}

export function deployRepository(request: CreateDeployment): Promise<Deployment> {
  return call("POST", "/v1/deployments", { body: request });
}

export interface ArchiveRequest {
  archive: Blob;
  contentType: string;
  prebuilt: boolean;
  build: BuildOptions;
  signal: AbortSignal;
  onProgress: (progress: UploadProgress) => void;
}

export async function deployArchive(request: ArchiveRequest): Promise<Deployment> {
  const { env = {}, ...options } = request.build;
  const variables = Object.entries(env).map(([name, value]) => [`env.${name}`, value] as const);
  const query = queryString({
    ...options,
    ...Object.fromEntries(variables),
    prebuilt: request.prebuilt ? "true" : undefined,
  });
  const response = await upload(apiUrl("/v1/deployments") + query, request.archive, request);
  if (!response.ok) throw await ApiError.from(response);
  return (await response.json()) as Deployment;
}

export function cancelDeployment(id: string): Promise<Deployment> {
  return call("POST", one(id, "/cancel"));
}

export function redeploy(id: string): Promise<Deployment> {
  return call("POST", one(id, "/redeploy"));
}

export function deleteDeployment(id: string): Promise<void> {
  return call("DELETE", one(id));
}

export function getFiles(id: string, signal: AbortSignal): Promise<Manifest> {
  return call("GET", one(id, "/files"), { signal });
}

export function fileUrl(id: string, path: string): string {
  return apiUrl(one(id, `/files/${path.split("/").map(encodeURIComponent).join("/")}`));
}

/** The classic word, for readers whose event stream is blocked. */
export function getStatus(id: string, signal: AbortSignal): Promise<{ status: DeploymentStatus | null }> {
  return call("GET", "/status", { query: { id }, signal });
}

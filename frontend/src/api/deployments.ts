/** Deployments over v1 (contract §6). */

import { apiUrl } from "./base";
import { call, queryString } from "./client";
import { ApiError } from "./errors";
import { type UploadProgress, upload } from "./transport";
import type { BuildOptions, Deployment, DeploymentStatus, DeployRequest } from "./types";

const PAGE_SIZE = 30;

export interface PageRequest {
  status?: DeploymentStatus | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
  signal: AbortSignal;
}

export function listDeployments({ status, cursor, limit = PAGE_SIZE, signal }: PageRequest) {
  return call("get", "/v1/deployments", {
    query: { ...(status && { status }), ...(cursor && { cursor }), limit },
    signal,
  });
}

export function getDeployment(id: string, signal: AbortSignal) {
  return call("get", "/v1/deployments/{id}", { id, signal });
}

export function deployRepository(request: DeployRequest) {
  return call("post", "/v1/deployments", { body: request });
}

export interface ArchiveRequest {
  archive: Blob;
  contentType: string;
  prebuilt: boolean;
  /** What it is called, to be shown. */
  name: string | undefined;
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
    name: request.name,
  });
  const response = await upload(apiUrl("/v1/deployments") + query, request.archive, request);
  if (!response.ok) throw await ApiError.from(response);
  return (await response.json()) as Deployment;
}

export function cancelDeployment(id: string) {
  return call("post", "/v1/deployments/{id}/cancel", { id });
}

export function redeploy(id: string) {
  return call("post", "/v1/deployments/{id}/redeploy", { id });
}

export function deleteDeployment(id: string) {
  return call("delete", "/v1/deployments/{id}", { id });
}

/** How often it was tried, and what was made from it. */
export function getBuilds(id: string, signal: AbortSignal) {
  return call("get", "/v1/deployments/{id}/builds", { id, signal });
}

export function getFiles(id: string, signal: AbortSignal) {
  return call("get", "/v1/deployments/{id}/files", { id, signal });
}

export function fileUrl(id: string, path: string): string {
  const segments = path.split("/").map(encodeURIComponent).join("/");
  return apiUrl(`/v1/deployments/${encodeURIComponent(id)}/files/${segments}`);
}

/** The classic word, for readers whose event stream is blocked. */
export function getStatus(id: string, signal: AbortSignal) {
  return call("get", "/status", { query: { id }, signal });
}

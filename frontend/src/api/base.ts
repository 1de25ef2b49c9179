/**
 * Where the API is. Embedded in upload-service the dashboard is served by the API itself; on its own (port 3000, contract §8)
 * the API is beside it on port 3002, unless the build was told otherwise.
 */

const STANDALONE_PORT = "3000";
const API_PORT = "3002";

export function resolveApiBase(
  configured: string | undefined,
  here: Pick<Location, "protocol" | "hostname" | "port" | "origin">,
): string {
  if (configured) return configured.replace(/\/+$/, "");
  if (here.port === STANDALONE_PORT) return `${here.protocol}//${here.hostname}:${API_PORT}`;
  return here.origin;
}

export function apiBase(): string {
  return resolveApiBase(process.env.NEXT_PUBLIC_API_URL, window.location);
}

/** The address of a path of the API, for links. */
export function apiUrl(path: string): string {
  return apiBase() + path;
}

/** Where a deployment is visible: the server's word, unless this build was told of another place (contract §8). */
export function siteUrl(deployment: { id: string; url: string }): string {
  const template = process.env.NEXT_PUBLIC_REQUEST_SERVICE_HOST_TEMPLATE;
  if (template) return template.replace("{id}", deployment.id);
  const service = process.env.NEXT_PUBLIC_REQUEST_SERVICE_URL;
  return service ? `${service.replace(/\/+$/, "")}/?id=${deployment.id}` : deployment.url;
}

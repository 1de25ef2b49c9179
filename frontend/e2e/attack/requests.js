/** What a page would want of the API: what there is to read, and what would do harm. */

const { api, running, deployed, git, harmOnly } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const request = JSON.stringify({ git: { url: git } });

/** The same server under each name that a page could know it by. */
export const servers = ["localhost", "127.0.0.1", location.hostname].map((host) => {
  const server = new URL(api);
  server.hostname = host;
  return server.origin;
});

export const reads = harmOnly
  ? []
  : [
      "/v1/deployments",
      `/v1/deployments/${deployed}`,
      `/v1/deployments/${deployed}/logs`,
      `/v1/deployments/${deployed}/files/index.html`,
      `/status?id=${deployed}`,
      "/v1/server",
      "/v1/openapi.json",
      "/metrics",
      "/readyz",
      "/",
    ];

export const streams = harmOnly ? [] : ["/v1/events", `/v1/deployments/${running}/logs`];

/** Method, path, body. */
export const harm = [
  ["POST", "/v1/deployments", request],
  ["POST", "/deploy", JSON.stringify({ repoUrl: git })],
  ["POST", `/v1/deployments/${deployed}/redeploy`, ""],
  ["POST", `/v1/deployments/${running}/cancel`, ""],
  ["DELETE", `/v1/deployments/${deployed}`, ""],
  ["DELETE", "/v1/session", ""],
];

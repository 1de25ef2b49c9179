/** What builds need to know where the package registry is not on the open internet. */

import { execFileSync } from "node:child_process";
import { lookup } from "node:dns/promises";
import { BlockList } from "node:net";

/** Addresses of networks that are not the internet, as far as a test meets them. */
const NOT_PUBLIC = new BlockList();
for (const [network, prefix] of [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix);
}

/** Where the registry resolves to an address that is not public, builds have to be let through to it. */
export async function registrySettings(): Promise<Record<string, string>> {
  const answer = execFileSync("npm", ["config", "get", "registry"], { stdio: ["ignore", "pipe", "ignore"] });
  const registry = new URL(answer.toString().trim());
  const { address } = await lookup(registry.hostname, 4);
  if (!NOT_PUBLIC.check(address)) return {};
  const bundle = process.env.NODE_EXTRA_CA_CERTS ?? process.env.SSL_CERT_FILE;
  return {
    SHIPSTACK_BUILD_REGISTRY: registry.href,
    SHIPSTACK_EGRESS_ALLOW_PRIVATE_HOSTS: registry.hostname,
    ...(bundle && { SHIPSTACK_BUILD_CA_FILE: bundle }),
  };
}

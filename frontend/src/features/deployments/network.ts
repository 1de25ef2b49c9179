import type { EgressHost, EgressReceipt } from "@/api/types";

/** Why a host was refused, by the rule's name on the wire. */
const RULES: Record<NonNullable<EgressHost["reason"]>, string> = {
  host_not_allowed: "not on the operator's list of hosts",
  host_not_listed: "not on this deployment's list of hosts",
  port_not_allowed: "not a port that builds may reach",
  address_not_allowed: "no public address",
  network_shut: "the network was for the install only",
  received_cap: "the build had received all that it may",
  sent_cap: "the build had sent all that it may",
};

/** A result of an earlier version names no rule. */
export function ruleOf({ reason }: EgressHost): string {
  return reason ? RULES[reason] : "not allowed";
}

export function placeOf({ host, port }: EgressHost): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const WHEN = { none: "No network", "install-only": "For the install only", open: "Open" } as const;

export function whenOf({ network }: EgressReceipt): string {
  return network ? WHEN[network] : "";
}

/** Most traffic first. */
export function bySize(hosts: readonly EgressHost[]): EgressHost[] {
  return [...hosts].sort((one, other) => other.received + other.sent - one.received - one.sent);
}

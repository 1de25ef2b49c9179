"use client";

import { apiBase } from "@/api/base";
import { Facts } from "@/components/Facts";
import { Panel } from "@/components/Panel";
import { Skeleton } from "@/components/Skeleton";
import { limitFacts } from "./limit-facts";
import { useServer } from "./queries";

/** What this server is. When it cannot say, the panel of workers tells why. */
export function ServerPanel() {
  const server = useServer();
  return (
    <Panel title="This server">
      {server.data ? (
        <Facts
          facts={[
            { name: "Version", value: server.data.version },
            { name: "API", value: <code className="break-all font-mono text-xs">{apiBase()}</code> },
            {
              name: "Sites",
              value: <code className="break-all font-mono text-xs">{server.data.serving.urlTemplate}</code>,
            },
            { name: "Abilities", value: server.data.abilities.join(", ") },
            ...limitFacts(server.data.limits),
          ]}
        />
      ) : (
        <Skeleton className="h-40" />
      )}
    </Panel>
  );
}

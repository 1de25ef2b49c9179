import type { Deployment } from "@/api/types";
import { DeploymentRow } from "./DeploymentRow";

export function DeploymentRows({ deployments }: { deployments: readonly Deployment[] }) {
  return (
    <ul aria-label="Deployments" className="@container divide-y divide-line">
      {deployments.map((deployment) => (
        <DeploymentRow key={deployment.id} deployment={deployment} />
      ))}
    </ul>
  );
}

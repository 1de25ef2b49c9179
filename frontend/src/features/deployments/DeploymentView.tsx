import { type Deployment, isTerminal } from "@/api/types";
import { Announcer } from "@/components/Announcer";
import { ErrorState } from "@/components/ErrorState";
import { Tabs } from "@/components/Tabs";
import { LogView } from "@/features/logs/LogView";
import { DeploymentHeader } from "./DeploymentHeader";
import { announcement } from "./describe";
import { FailurePanel } from "./FailurePanel";
import { FilesView } from "./FilesView";
import { PlanView } from "./PlanView";
import { SitePanel } from "./SitePanel";
import { SourcePanel } from "./SourcePanel";
import { Timeline } from "./Timeline";

export interface DeploymentViewProps {
  deployment: Deployment;
  /** Set when what is shown could not be refreshed. */
  stale: Error | null;
}

/** All that is known of one deployment: what happened first, then the log, then the rest. */
export function DeploymentView({ deployment, stale }: DeploymentViewProps) {
  const { id, status, failure, plan, files } = deployment;
  const tabs = [
    { value: "log", label: "Log", content: <LogView id={id} finished={isTerminal(status)} /> },
    {
      value: "files",
      label: "Files",
      note: files !== null && files !== undefined && <Count value={files} />,
      content: <FilesView deployment={deployment} />,
    },
    { value: "plan", label: "Plan", content: <PlanView plan={plan ?? null} /> },
  ];
  return (
    <>
      <Announcer message={announcement(deployment)} />
      <DeploymentHeader deployment={deployment} />
      {stale && (
        <div className="mt-4">
          <ErrorState error={stale} />
        </div>
      )}
      {failure && <FailurePanel failure={failure} />}
      <div className="mt-6 grid gap-6 xl:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="order-2 min-w-0 xl:order-1">
          <Tabs tabs={tabs} label="Views of this deployment" />
        </div>
        <aside className="order-1 grid min-w-0 content-start gap-4 md:grid-cols-2 xl:order-2 xl:grid-cols-1 xl:gap-5">
          {status === "deployed" && <SitePanel deployment={deployment} />}
          <Timeline deployment={deployment} />
          <SourcePanel deployment={deployment} />
        </aside>
      </div>
    </>
  );
}

function Count({ value }: { value: number }) {
  return <span className="tabular rounded-full bg-sunken px-1.5 py-px text-2xs text-muted">{value}</span>;
}

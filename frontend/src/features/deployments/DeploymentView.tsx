import dynamic from "next/dynamic";
import { type Deployment, isTerminal } from "@/api/types";
import { Announcer } from "@/components/Announcer";
import { ErrorState } from "@/components/ErrorState";
import { Tabs } from "@/components/Tabs";
import { LogSkeleton } from "@/features/logs/LogSkeleton";
import { DeploymentHeader } from "./DeploymentHeader";
import { announcement } from "./describe";
import { FailurePanel } from "./FailurePanel";
import { FilesView } from "./FilesView";
import { PlanView } from "./PlanView";
import { SitePanel } from "./SitePanel";
import { SourcePanel } from "./SourcePanel";
import { Timeline } from "./Timeline";

/** A chunk of its own: the page says what happened before the log's code is there. */
const LogView = dynamic(() => import("@/features/logs/LogView").then((module) => module.LogView), {
  ssr: false,
  loading: LogSkeleton,
});

const AttemptsPanel = dynamic(() => import("./AttemptsPanel").then((module) => module.AttemptsPanel), {
  ssr: false,
});

const NetworkPanel = dynamic(() => import("./NetworkPanel").then((module) => module.NetworkPanel), {
  ssr: false,
});

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
    { value: "plan", label: "Plan", content: <PlanView plan={plan ?? null} over={isTerminal(status)} /> },
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
      <div className="mt-6 grid gap-6 xl:grid-cols-[minmax(0,1fr)_20rem] xl:grid-rows-[auto_1fr] xl:gap-y-5">
        <div className="order-2 min-w-0 xl:order-none xl:row-span-2">
          <Tabs tabs={tabs} label="Views of this deployment" />
        </div>
        <aside
          aria-label="Site and phases"
          className="order-1 flex min-w-0 flex-col gap-5 md:flex-row md:items-start md:*:flex-1 xl:order-none xl:flex-col xl:items-stretch xl:*:flex-none"
        >
          {status === "deployed" && <SitePanel deployment={deployment} />}
          <Timeline deployment={deployment} />
        </aside>
        <aside aria-label="Source" className="order-3 flex min-w-0 flex-col gap-5 xl:order-none">
          <AttemptsPanel deployment={deployment} />
          <SourcePanel deployment={deployment} />
          {deployment.egress && <NetworkPanel receipt={deployment.egress} />}
        </aside>
      </div>
    </>
  );
}

function Count({ value }: { value: number }) {
  return <span className="tabular rounded-full bg-sunken px-1.5 py-px text-2xs text-muted">{value}</span>;
}

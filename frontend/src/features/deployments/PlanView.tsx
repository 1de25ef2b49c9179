import { ListChecks } from "lucide-react";
import type { BuildPlan } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { Facts } from "@/components/Facts";
import { Panel } from "@/components/Panel";

/** How the server decided to build it. */
export function PlanView({ plan, over }: { plan: BuildPlan | null; over: boolean }) {
  if (!plan) {
    return (
      <div className="rounded-lg border border-line bg-raised">
        <EmptyState icon={ListChecks} title={over ? "No plan was made" : "No plan yet"}>
          The plan (framework, package manager, commands, output folder) is made from the source
          {over ? "; this deployment ended before." : " once it is there."}
        </EmptyState>
      </div>
    );
  }
  const code = (text: string | null | undefined) =>
    text && <code className="break-words font-mono text-xs">{text}</code>;
  const facts = [
    { name: "Framework", value: plan.framework ?? "None found" },
    { name: "Package manager", value: code(plan.packageManager) },
    { name: "Node", value: plan.node },
    { name: "Directory", value: code(plan.directory || ".") },
    { name: "Install", value: code(plan.install) },
    { name: "Build", value: code(plan.command) ?? "Published as it is, without a build" },
    { name: "Output", value: code(plan.output || ".") },
  ];
  return (
    <Panel>
      <Facts facts={facts} />
      {plan.notes?.map((note) => (
        <p key={note} className="mt-4 border-line border-t pt-3 text-muted text-sm">
          {note}
        </p>
      ))}
    </Panel>
  );
}

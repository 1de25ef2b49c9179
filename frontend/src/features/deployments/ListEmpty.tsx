import { Filter, PackageOpen } from "lucide-react";
import Link from "next/link";
import type { DeploymentStatus } from "@/api/types";
import { Button, buttonClass } from "@/components/Button";
import { EmptyState } from "@/components/EmptyState";
import { Command } from "./Command";

/** What the list would show, and how to get there. */
export function ListEmpty({
  status,
  onReset,
}: {
  status: DeploymentStatus | undefined;
  onReset: () => void;
}) {
  if (status) {
    return (
      <EmptyState
        icon={Filter}
        title={`No deployment is ${status}`}
        action={<Button onClick={onReset}>Show all</Button>}
      >
        Deployments in other states are hidden by the filter.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={PackageOpen}
      title="Nothing deployed yet"
      action={
        <Link href="/" className={buttonClass("primary")}>
          Deploy a site
        </Link>
      }
    >
      <p>
        A deployment is one build of a repository or folder, served at its own address for as long as you keep
        it.
      </p>
      <p className="mt-4 mb-2">From a terminal, in the folder of your project:</p>
      <Command>shipstack deploy . --follow</Command>
    </EmptyState>
  );
}

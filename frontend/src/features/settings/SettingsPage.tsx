"use client";

import { AccessPanel } from "./AccessPanel";
import { ReadinessPanel } from "./ReadinessPanel";
import { ServerPanel } from "./ServerPanel";
import { WorkersPanel } from "./WorkersPanel";

export function SettingsPage() {
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-5">
        <ReadinessPanel />
        <WorkersPanel />
      </div>
      <div className="flex min-w-0 flex-col gap-5">
        <ServerPanel />
        <AccessPanel />
      </div>
    </div>
  );
}

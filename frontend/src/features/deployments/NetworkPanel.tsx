"use client";

import { useState } from "react";
import type { EgressReceipt } from "@/api/types";
import { Button } from "@/components/Button";
import { Panel } from "@/components/Panel";
import { formatBytes } from "@/format/bytes";
import { bySize, placeOf, ruleOf, whenOf } from "./network";

/** Hosts that are shown before somebody asks for all. */
const SHOWN = 6;

/** What the build asked of the network: what it was refused first, then whom it talked to. */
export function NetworkPanel({ receipt }: { receipt: EgressReceipt }) {
  const [all, setAll] = useState(false);
  const { allowed, refused } = receipt;
  const shown = all ? Number.POSITIVE_INFINITY : SHOWN;
  const hidden = Math.max(0, refused.length - SHOWN) + Math.max(0, allowed.length - SHOWN);
  return (
    <Panel title="Network" aside={<span className="text-muted text-xs">{whenOf(receipt)}</span>}>
      <ul className="flex flex-col gap-2 text-xs">
        {refused.slice(0, shown).map((host) => (
          <li key={`${placeOf(host)} ${host.reason}`}>
            <code className="break-all font-mono">{placeOf(host)}</code>
            <p className="text-error-text">Refused: {ruleOf(host)}</p>
          </li>
        ))}
        {bySize(allowed)
          .slice(0, shown)
          .map((host) => (
            <li key={placeOf(host)} className="flex items-baseline justify-between gap-3">
              <code className="min-w-0 break-all font-mono">{placeOf(host)}</code>
              <span className="tabular shrink-0 text-muted">
                {formatBytes(host.received)} in, {formatBytes(host.sent)} out
              </span>
            </li>
          ))}
      </ul>
      {allowed.length + refused.length === 0 && <p className="text-muted text-sm">It talked to nobody.</p>}
      {hidden > 0 && !all && (
        <Button look="quiet" size="sm" className="mt-2" onClick={() => setAll(true)}>
          Show {hidden} more
        </Button>
      )}
    </Panel>
  );
}

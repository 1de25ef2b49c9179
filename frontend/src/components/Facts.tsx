import type { ReactNode } from "react";

export interface Fact {
  name: string;
  value: ReactNode;
}

/** Names and values. Facts without a value are left out: the server has not said them. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  const said = facts.filter((fact) => fact.value !== null && fact.value !== undefined && fact.value !== "");
  return (
    <dl className="grid grid-cols-[minmax(5.5rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-2 text-sm">
      {said.map((fact) => (
        <div key={fact.name} className="contents">
          <dt className="text-muted">{fact.name}</dt>
          <dd className="tabular min-w-0 break-words">{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}

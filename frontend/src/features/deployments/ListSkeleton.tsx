import { Skeleton } from "@/components/Skeleton";

const ROWS = ["w-44", "w-56", "w-40", "w-52", "w-48", "w-60"];

export function ListSkeleton({ rows = ROWS.length }: { rows?: number }) {
  return (
    <div aria-busy="true" className="@container">
      <p className="sr-only">Loading deployments</p>
      {ROWS.slice(0, rows).map((width) => (
        <div
          key={width}
          className="grid h-[4.25rem] grid-cols-[minmax(0,1fr)_auto] items-center gap-4 border-line border-b px-4 last:border-0 @lg:grid-cols-[8.5rem_minmax(0,1fr)_auto_2rem]"
        >
          <Skeleton className="hidden h-4 w-24 @lg:block" />
          <div>
            <Skeleton className={`h-4 ${width}`} />
            <Skeleton className="mt-2 h-3 w-32" />
          </div>
          <Skeleton className="h-3 w-16" />
        </div>
      ))}
    </div>
  );
}

import { Skeleton } from "@/components/Skeleton";

export function DeploymentSkeleton() {
  return (
    <div aria-busy="true">
      <p className="sr-only">Loading the deployment</p>
      <Skeleton className="h-4 w-28" />
      <Skeleton className="mt-4 h-8 w-64 max-w-full" />
      <Skeleton className="mt-3 h-4 w-80 max-w-full" />
      <div className="mt-8 grid gap-6 xl:grid-cols-[minmax(0,1fr)_20rem]">
        <Skeleton className="h-[34rem] rounded-lg" />
        <Skeleton className="hidden h-72 rounded-lg xl:block" />
      </div>
    </div>
  );
}

import { Skeleton } from "@/components/Skeleton";

export function LogSkeleton() {
  return <Skeleton className="h-96 rounded-lg" />;
}

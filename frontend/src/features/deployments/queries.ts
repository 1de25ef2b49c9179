import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { getBuilds, getDeployment, getFiles, getStatus, listDeployments } from "@/api/deployments";
import { type DeploymentStatus, isTerminal } from "@/api/types";
import { useConnection } from "@/features/live/LiveProvider";

const LIST_POLL_MS = 5_000;
const STATUS_POLL_MS = 2_000;

/** Deployments, newest first, page by page. */
export function useDeploymentPages(status: DeploymentStatus | undefined, limit?: number) {
  const polling = useConnection() !== "live";
  return useInfiniteQuery({
    queryKey: ["deployments", { status, limit }],
    queryFn: ({ pageParam, signal }) => listDeployments({ status, cursor: pageParam, signal, limit }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: polling && LIST_POLL_MS,
  });
}

/** One deployment, kept up to date by events, or by asking for its status where they do not come. */
export function useDeployment(id: string) {
  const deployment = useQuery({
    queryKey: ["deployment", id],
    queryFn: ({ signal }) => getDeployment(id, signal),
    enabled: id !== "",
  });
  const polling = useConnection() !== "live";
  const running = deployment.data !== undefined && !isTerminal(deployment.data.status);
  const status = useQuery({
    queryKey: ["status", id],
    queryFn: ({ signal }) => getStatus(id, signal),
    enabled: polling && running,
    refetchInterval: STATUS_POLL_MS,
  });
  const { refetch } = deployment;
  const answeredAt = status.dataUpdatedAt;
  useEffect(() => {
    if (polling && running && answeredAt > 0) void refetch();
  }, [answeredAt, polling, running, refetch]);
  return deployment;
}

/** What a deployment serves; known once it is deployed. */
export function useFiles(id: string) {
  return useQuery({
    queryKey: ["files", id],
    queryFn: ({ signal }) => getFiles(id, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The attempts of a deployment; asked for again whenever the deployment is. */
export function useBuilds(id: string) {
  return useQuery({
    queryKey: ["deployment", id, "builds"],
    queryFn: ({ signal }) => getBuilds(id, signal),
  });
}

import { useQuery } from "@tanstack/react-query";
import { getReadiness, getServer } from "@/api/server";

/** Heartbeats come every few seconds. */
const LOOK_EVERY_MS = 5_000;

export function useServer() {
  return useQuery({
    queryKey: ["server"],
    queryFn: ({ signal }) => getServer(signal),
    refetchInterval: LOOK_EVERY_MS,
  });
}

export function useReadiness() {
  return useQuery({
    queryKey: ["readiness"],
    queryFn: ({ signal }) => getReadiness(signal),
    refetchInterval: LOOK_EVERY_MS,
  });
}

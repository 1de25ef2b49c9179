import type { Phase, PhaseTiming } from "@/api/types";

export interface Span {
  phase: Phase;
  startedAt: string;
  offsetMs: number;
  lengthMs: number;
  running: boolean;
}

/** Timings on one scale that begins with the first phase; a phase without an end runs until `now`. */
export function timelineOf(phases: readonly PhaseTiming[], now: number): { spans: Span[]; totalMs: number } {
  const first = phases[0];
  if (!first) return { spans: [], totalMs: 0 };
  const origin = Date.parse(first.startedAt);
  const spans = phases.map(({ phase, startedAt, endedAt }) => {
    const start = Date.parse(startedAt);
    const end = endedAt ? Date.parse(endedAt) : Math.max(now, start);
    return {
      phase,
      startedAt,
      offsetMs: start - origin,
      lengthMs: Math.max(0, end - start),
      running: !endedAt,
    };
  });
  const totalMs = Math.max(1, ...spans.map((span) => span.offsetMs + span.lengthMs));
  return { spans, totalMs };
}

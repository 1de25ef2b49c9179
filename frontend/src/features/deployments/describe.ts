import type { Deployment, Phase, Source } from "@/api/types";
import { formatBytes } from "@/format/bytes";
import { repositoryName } from "@/format/repository";

/** What a deployment is of, in a few words. */
export function sourceTitle(source: Source): string {
  switch (source.kind) {
    case "git":
      return repositoryName(source.url);
    case "archive":
      return source.name ?? uploadKind(source.prebuilt);
    case "adopted":
      return "Files in the bucket";
  }
}

/** What was uploaded, as long as nobody said what it is called. */
export function uploadKind(prebuilt: boolean | undefined): string {
  return prebuilt ? "Finished site" : "Uploaded folder";
}

export function sourceRef(source: Source): string | undefined {
  return source.kind === "git" ? (source.ref ?? undefined) : undefined;
}

export function shortCommit(source: Source): string | undefined {
  return source.commit?.slice(0, 7);
}

export function pageHref(id: string): string {
  return `/deployments/view/?id=${encodeURIComponent(id)}`;
}

/** What came of it, in one line; empty while it runs. */
export function outcome({ failure, files, bytes }: Deployment): string {
  if (failure) return failure.message.replaceAll("`", "");
  if (typeof files !== "number" || typeof bytes !== "number") return "";
  return `${files.toLocaleString("en")} ${files === 1 ? "file" : "files"}, ${formatBytes(bytes)}`;
}

/** API words as words: `installing` → `Installing`. */
export function capitalise(word: Phase | string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** What a deployment is doing now, for people who listen. */
export function announcement(deployment: Deployment): string {
  const name = sourceTitle(deployment.source);
  if (deployment.status === "failed")
    return `${name} failed: ${deployment.failure?.message ?? "no reason was given"}`;
  const phase = deployment.phase ? `, ${deployment.phase}` : "";
  return `${name} is ${deployment.status}${phase}`;
}

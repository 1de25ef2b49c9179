/** `https://github.com/owner/repo.git` → `owner/repo`; what cannot be shortened stays. */
export function repositoryName(url: string): string {
  try {
    const path = new URL(url).pathname.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
    return path || url;
  } catch {
    return url;
  }
}

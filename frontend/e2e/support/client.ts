/** The API as a program calls it: what a browser did is checked with other eyes than the browser's. */

import { execFileSync } from "node:child_process";
import type { Deployment } from "../../src/api/types";
import { until } from "./until";

export class Client {
  constructor(
    private readonly api: string,
    private readonly token?: string,
  ) {}

  async deployGit(url: string): Promise<string> {
    const body = JSON.stringify({ git: { url } });
    return (await this.call<Deployment>("POST", "/v1/deployments", "application/json", body)).id;
  }

  /** A folder of this machine; `finished` when it is the site already. */
  async deployFolder(folder: string, { finished }: { finished: boolean }): Promise<string> {
    const archive = execFileSync("tar", ["-C", folder, "-czf", "-", "."]);
    const path = `/v1/deployments${finished ? "?prebuilt=true" : ""}`;
    return (await this.call<Deployment>("POST", path, "application/gzip", new Blob([archive]))).id;
  }

  async deployment(id: string): Promise<Deployment> {
    return this.call("GET", `/v1/deployments/${id}`);
  }

  /** Every deployment with what became of it, and how often it was tried. */
  async state(): Promise<string[]> {
    const { items } = await this.call<{ items: Deployment[] }>("GET", "/v1/deployments?limit=100");
    return items.map(({ id, status, phase, attempt }) => `${id} ${status} ${phase} ${attempt}`).sort();
  }

  async reaches(id: string, reached: (deployment: Deployment) => boolean): Promise<void> {
    await until(async () => reached(await this.deployment(id)));
  }

  private async call<T>(method: string, path: string, type?: string, body?: BodyInit): Promise<T> {
    const headers = {
      ...(type && { "content-type": type }),
      ...(this.token && { authorization: `Bearer ${this.token}` }),
    };
    const answer = await fetch(this.api + path, { method, headers, ...(body && { body }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}

/** Calls the API in every way a page can. `window.report` then has the ways that were tried, and what could be read. */

import * as channels from "./channels.js";
import { harm, reads, servers, streams } from "./requests.js";

const tried = [];
const read = [];

async function attempt(name, work) {
  tried.push(name);
  const found = await work().catch(() => undefined);
  if (found !== undefined) read.push(`${name}: ${found}`);
}

const all = (list, work) => Promise.all(list.map(work));
const TYPES = [undefined, "text/plain", "application/x-www-form-urlencoded", "application/json"];

async function readOf(server) {
  await all(reads, async (path) => {
    const url = server + path;
    for (const credentials of ["include", "omit"]) {
      for (const mode of ["cors", "no-cors"]) {
        await attempt(`fetch ${mode} ${credentials} ${url}`, () =>
          channels.byFetch(url, { mode, credentials }),
        );
      }
    }
    const headers = { authorization: "Bearer guess", "x-forwarded-host": "localhost" };
    await attempt(`fetch with headers ${url}`, () => channels.byFetch(url, { headers }));
    await attempt(`XHR ${url}`, () => channels.byXhr(url, "GET", null, true));
    for (const tag of ["iframe", "object", "embed"]) {
      await attempt(`${tag} ${url}`, () => channels.byFrame(tag, url));
    }
    for (const tag of ["img", "script", "link", "video"]) {
      await attempt(`${tag} ${url}`, () => channels.byTag(tag, url));
    }
    await attempt(`import ${url}`, () => channels.byImport(url));
    await attempt(`worker ${url}`, () => channels.byWorker(url));
    await attempt(`service worker ${url}`, () => channels.byServiceWorker(url, "GET"));
    await attempt(`registration ${url}`, () => channels.byRegistration(url));
  });
  await all(streams, async (path) => {
    await attempt(`WebSocket ${server}${path}`, () => channels.bySocket(server + path));
    for (const credentials of [true, false]) {
      await attempt(`EventSource ${server}${path}`, () => channels.byEventSource(server + path, credentials));
    }
  });
}

async function harmOf(server) {
  await all(harm, async ([method, path, body]) => {
    const url = server + path;
    for (const mode of ["cors", "no-cors"]) {
      for (const type of TYPES) {
        const headers = type ? { "content-type": type } : {};
        const options = { method, mode, headers, credentials: "include", keepalive: true };
        if (body) options.body = body;
        await attempt(`fetch ${mode} ${type} ${method} ${url}`, () => channels.byFetch(url, options));
      }
    }
    await attempt(`XHR ${method} ${url}`, () => channels.byXhr(url, method, body, true));
    await attempt(`service worker ${method} ${url}`, () => channels.byServiceWorker(url, method, body));
    for (const enctype of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      await attempt(`form ${enctype} ${url}`, () => channels.byForm(url, body, enctype));
    }
    for (const type of ["text/plain", "application/json"]) {
      await attempt(`beacon ${type} ${url}`, async () => {
        navigator.sendBeacon(url, new Blob([body], { type }));
      });
    }
  });
}

/** Once for each server's name: windows are slow, and the same for all that they show. */
async function windowsOf(server) {
  for (const path of ["/", "/v1/deployments"]) {
    await attempt(`window ${server}${path}`, () => channels.byWindow(server + path));
  }
}

async function run() {
  document.cookie = "shipstack_session=tossed; domain=localhost; path=/";
  await Promise.all(servers.map(windowsOf));
  for (const server of servers) {
    await readOf(server);
    await harmOf(server);
  }
  window.report = { tried, read };
  document.getElementById("state").textContent = `tried ${tried.length} ways`;
}

await run();

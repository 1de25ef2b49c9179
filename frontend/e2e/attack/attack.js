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

const OPTIONS = [
  { mode: "cors", credentials: "include" },
  { mode: "cors", credentials: "omit" },
  { mode: "no-cors", credentials: "include" },
  { mode: "no-cors", credentials: "omit" },
  { headers: { authorization: "Bearer guess", "x-forwarded-host": "localhost" } },
];
const FRAMES = ["iframe", "object", "embed"];
const TAGS = ["img", "script", "link", "video"];

/** Every way to read one address. */
const readings = (url) => [
  ...OPTIONS.map((options) => [JSON.stringify(options), () => channels.byFetch(url, options)]),
  ["XHR", () => channels.byXhr(url, "GET", null, true)],
  ...FRAMES.map((tag) => [tag, () => channels.byFrame(tag, url)]),
  ...TAGS.map((tag) => [tag, () => channels.byTag(tag, url)]),
  ["import", () => channels.byImport(url)],
  ["worker", () => channels.byWorker(url)],
  ["service worker", () => channels.byServiceWorker(url, "GET")],
  ["registration", () => channels.byRegistration(url)],
];

const listenings = (url) => [
  ["WebSocket", () => channels.bySocket(url)],
  ["EventSource with cookies", () => channels.byEventSource(url, true)],
  ["EventSource", () => channels.byEventSource(url, false)],
];

const TYPES = [undefined, "text/plain", "application/x-www-form-urlencoded", "application/json"];
const ENCODINGS = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];

/** Every way to do harm at one address. */
function harms(url, method, body) {
  const fetches = ["cors", "no-cors"].flatMap((mode) =>
    TYPES.map((type) => {
      const headers = type ? { "content-type": type } : {};
      const options = { method, mode, headers, credentials: "include", keepalive: true };
      if (body) options.body = body;
      return [`fetch ${mode} ${type}`, () => channels.byFetch(url, options)];
    }),
  );
  const beacon = (type) => async () => {
    navigator.sendBeacon(url, new Blob([body], { type }));
  };
  return [
    ...fetches,
    ["XHR", () => channels.byXhr(url, method, body, true)],
    ["service worker", () => channels.byServiceWorker(url, method, body)],
    ...ENCODINGS.map((enctype) => [`form ${enctype}`, () => channels.byForm(url, body, enctype)]),
    ["beacon of text", beacon("text/plain")],
    ["beacon of JSON", beacon("application/json")],
  ];
}

const attempts = (what, ways) => all(ways, ([name, work]) => attempt(`${name} ${what}`, work));

async function call(server) {
  await Promise.all([
    all(reads, (path) => attempts(server + path, readings(server + path))),
    all(streams, (path) => attempts(server + path, listenings(server + path))),
    windowsOf(server),
  ]);
  await all(harm, ([method, path, body]) =>
    attempts(`${method} ${server}${path}`, harms(server + path, method, body)),
  );
}

/** Once for each server's name: windows are slow, and the same for all that they show. */
async function windowsOf(server) {
  for (const path of ["/", "/v1/deployments"]) {
    await attempt(`window ${server}${path}`, () => channels.byWindow(server + path));
  }
}

async function run() {
  document.cookie = "shipstack_session=tossed; domain=localhost; path=/";
  await all(servers, call);
  window.report = { tried, read };
  document.getElementById("state").textContent = `tried ${tried.length} ways`;
}

await run();

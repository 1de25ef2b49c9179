/** The ways a page can call another origin. Each answers what could be read, or nothing. */

/** For what always comes to an end, however busy the machine. */
const LONG = 20_000;
/** For what may never say that it was refused: a frame, a window, a stream. */
const SHORT = 2_000;

const within = (patience, promise) =>
  Promise.race([promise, new Promise((resolve) => setTimeout(resolve, patience, undefined))]);
const heard = (patience, target, ...names) =>
  within(
    patience,
    new Promise((resolve) => {
      for (const name of names) target.addEventListener(name, resolve, { once: true });
    }),
  );

export async function byFetch(url, options) {
  const answer = await within(LONG, fetch(url, options));
  if (!answer || answer.type === "opaque" || answer.type === "opaqueredirect") return undefined;
  return `${answer.status} ${(await answer.text()).slice(0, 80)}`;
}

export async function byXhr(url, method, body, withCredentials) {
  const xhr = new XMLHttpRequest();
  xhr.open(method, url);
  xhr.withCredentials = withCredentials;
  xhr.send(body);
  await heard(LONG, xhr, "loadend");
  return xhr.status > 0 ? `${xhr.status} ${xhr.responseText.slice(0, 80)}` : undefined;
}

/** As a form does, into a frame of our own; `text/plain` makes JSON of a name and a value. */
export async function byForm(url, body, enctype) {
  const [frame, form, field] = ["iframe", "form", "input"].map((tag) => document.createElement(tag));
  frame.name = `target-${Math.random()}`;
  const half = body.length - 2;
  Object.assign(field, { name: body.slice(0, half), value: body.slice(half) });
  // The `=` between the two goes into a string that the server does not look at.
  if (body.startsWith("{")) {
    Object.assign(field, { name: `${body.slice(0, -1)},"project":null,"x":"`, value: '"}' });
  }
  Object.assign(form, { method: "POST", action: url, target: frame.name, enctype });
  form.append(field);
  document.body.append(frame, form);
  const loaded = heard(SHORT, frame, "load");
  form.submit();
  await loaded;
  return documentOf(frame);
}

export async function byFrame(tag, url) {
  const frame = document.createElement(tag);
  frame[tag === "object" ? "data" : "src"] = url;
  document.body.append(frame);
  await heard(SHORT, frame, "load", "error");
  if (frame.contentWindow?.length > 0) return `${frame.contentWindow.length} frames inside`;
  return documentOf(frame);
}

/** A page that is not of our origin has no document for us. */
function documentOf(frame) {
  try {
    return frame.contentDocument?.body?.innerText.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Scripts run as ours, styles and pictures tell what they are. */
export async function byTag(tag, url) {
  const element = document.createElement(tag);
  const failures = [];
  const listen = (event) => failures.push(event.message);
  addEventListener("error", listen);
  if (tag === "link") Object.assign(element, { rel: "stylesheet", href: url });
  else element.src = url;
  document.body.append(element);
  await heard(LONG, element, "load", "error", "loadeddata");
  removeEventListener("error", listen);
  if (element.naturalWidth > 0) return `a picture ${element.naturalWidth} wide`;
  return failures.find((message) => message && message !== "Script error.") ?? rulesOf(element);
}

function rulesOf(element) {
  try {
    return element.sheet?.cssRules.length ? "rules of a style sheet" : undefined;
  } catch {
    return undefined;
  }
}

export async function bySocket(url) {
  const socket = new WebSocket(url.replace(/^http/, "ws"));
  const event = await heard(SHORT, socket, "open", "message", "error");
  socket.close();
  return event?.type === "error" ? undefined : event?.type;
}

export async function byEventSource(url, withCredentials) {
  const source = new EventSource(url, { withCredentials });
  const event = await heard(SHORT, source, "open", "message", "error");
  source.close();
  return event?.type === "error" ? undefined : event?.type;
}

/** Opens it in a window, asks it to talk, and tries to look inside and to write into it. */
export async function byWindow(url) {
  const other = window.open(url);
  if (!other) return undefined;
  const message = heard(SHORT, window, "message");
  for (const word of ["token", { type: "session" }, JSON.stringify({ cmd: "deploy" })]) {
    other.postMessage(word, "*");
  }
  const event = await message;
  try {
    if (event) return `said ${JSON.stringify(event.data)}`;
    return other.document.body.innerText.trim() || undefined;
  } catch {
    return undefined;
  } finally {
    other.close();
  }
}

export async function byImport(url) {
  return within(LONG, import(url).then(Object.keys));
}

export async function byWorker(url) {
  const code = `onmessage = () => { try { importScripts(${JSON.stringify(url)}); postMessage(Object.keys(self).join()) } catch (e) { postMessage("") } }`;
  const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  const own = heard(LONG, worker, "message");
  worker.postMessage("go");
  const event = await own;
  worker.terminate();
  return event?.data || undefined;
}

/** A service worker of our own passes on what it is asked for, in any mode. */
export async function byServiceWorker(url, method, body) {
  await navigator.serviceWorker.register("/sw.js");
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const answer = heard(LONG, port1, "message");
  port1.start();
  active.postMessage({ url, method, body }, [port2]);
  return (await answer)?.data;
}

/** Somebody else's script as our service worker, and ours for somebody else's pages. */
export async function byRegistration(url) {
  return (await navigator.serviceWorker.register(url, { scope: url })).scope;
}

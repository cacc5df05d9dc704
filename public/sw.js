// The service worker: keeps one whole version of the app at hand, so that it opens offline.
//
// A version is all or nothing: it is installed only once every one of its files is there, and it
// waits until the page asks for it (or no page is open), so that nothing is forced over unsaved
// work. A version includes the chunks of the pages that are loaded later, so that every page opens
// offline. Requests to the server (api/, socket/) never pass through here.
"use strict";

// `cargo xtask post-build` replaces this line by the files of the build.
const BUILD = { version: "development", hashed: [], plain: [] };

// How many older versions stay while pages are open that may still need their files.
const OLD_VERSIONS_MAX = 2;

const SCOPE = new URL(self.registration.scope).pathname;
// Several deployments may share an origin, each under its own path.
const PREFIX = `wizitime ${SCOPE} `;
const CACHE = PREFIX + BUILD.version;
const SHELL = "index.html";
// The paths of the app's pages; `Route` in crates/protocol has the same list, and a test of it
// compares the two.
const PAGES = ["", "account", "help"];
const IS_DEVELOPMENT = BUILD.version === "development";

self.addEventListener("install", (event) => {
  event.waitUntil(IS_DEVELOPMENT ? self.skipWaiting() : install());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(activate());
});

self.addEventListener("message", (event) => {
  if (event.data?.type === "SKIP_WAITING") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (!IS_DEVELOPMENT && isOurs(request)) event.respondWith(answer(request));
});

async function install() {
  const cache = await caches.open(CACHE);
  const names = [...BUILD.hashed, ...BUILD.plain];
  const files = names.map(async (name) => cache.put(name, await obtain(name)));
  // All of them come to their end first: one that is still under way would make the cache anew.
  const failed = (await Promise.allSettled(files)).find(({ status }) => status === "rejected");
  if (failed) {
    // Half a version is none. The browser tries again when it next looks for an update.
    await caches.delete(CACHE);
    throw failed.reason;
  }
}

// A hashed name says what is in the file, so any copy will do: that of an older version, or the
// one the page has just loaded. Other files are asked for again, past the browser's own cache.
async function obtain(name) {
  const isHashed = BUILD.hashed.includes(name);
  const known = isHashed ? await stored(name) : undefined;
  if (known) return known;
  // Some hosts redirect index.html to its folder, and a redirected answer cannot open a page.
  const url = name === SHELL ? "./" : name;
  const response = await fetch(url, { cache: isHashed ? "default" : "no-cache" });
  const isPage = (response.headers.get("content-type") ?? "").includes("text/html");
  if (!response.ok || isPage !== (name === SHELL)) {
    throw new Error(`${name}: the server answered ${response.status}, page: ${isPage}`);
  }
  return name === SHELL ? shell(response) : response;
}

// While files are being deployed, the page may be that of another version than this worker.
async function shell(response) {
  const text = await response.text();
  const boot = BUILD.hashed.filter((name) => name.startsWith("boot-"));
  if (!boot.every((name) => text.includes(name))) {
    throw new Error("the page belongs to another version than the service worker");
  }
  const headers = new Headers(response.headers);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  return new Response(text, { headers });
}

// A page that was open before the first worker is controlled by it from now on: its chunks come
// from the cache too, whatever the host says about caching.
async function activate() {
  await removeOldVersions();
  if (!IS_DEVELOPMENT) await self.clients.claim();
}

async function removeOldVersions() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const kept = IS_DEVELOPMENT || pages.length === 0 ? 0 : OLD_VERSIONS_MAX;
  const old = names.slice(0, Math.max(0, names.length - kept));
  await Promise.all(old.map((name) => caches.delete(name)));
}

function isOurs(request) {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return false;
  if (!url.pathname.startsWith(SCOPE)) return false;
  const [first] = url.pathname.slice(SCOPE.length).split("/");
  return !["api", "socket"].includes(first);
}

async function answer(request) {
  const { pathname, search } = new URL(request.url);
  // The URLs in the page are relative: a slash at the end of its own URL would change them.
  if (isNavigationToPage(request) && pathname !== SCOPE && pathname.endsWith("/")) {
    return Response.redirect(pathname.slice(0, -1) + search);
  }
  const name = isNavigationToPage(request) ? SHELL : request;
  const cache = await caches.open(CACHE);
  const known = (await cache.match(name, { ignoreSearch: true })) ?? (await stored(name));
  return known ?? fetch(request);
}

// Whether the app shell is the answer: a navigation to one of the app's pages. Any other
// navigation is the server's to answer.
function isNavigationToPage({ mode, url }) {
  const path = new URL(url).pathname.slice(SCOPE.length).replace(/\/$/, "");
  return mode === "navigate" && [...PAGES, SHELL].includes(path);
}

// The copy of any version, for pages that were opened before this one took over.
async function stored(name) {
  for (const version of await caches.keys()) {
    if (!version.startsWith(PREFIX)) continue;
    const known = await (await caches.open(version)).match(name);
    if (known) return known;
  }
  return undefined;
}

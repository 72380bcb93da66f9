// The shell of the app, kept under the name of its version. Nothing about anybody is ever put into this cache.
const CACHE = `pocket-${SHELL.version}`;
const KEPT = new Set([SHELL.page, ...SHELL.files]);

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([...KEPT].map((address) => new Request(address, { cache: "reload", credentials: "same-origin" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const stale = (names) => names.filter((name) => name.startsWith("pocket-") && name !== CACHE);
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(stale(names).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin || !KEPT.has(address.pathname)) return;
  event.respondWith(caches.open(CACHE).then(async (cache) => (await cache.match(address.pathname)) ?? fetch(event.request)));
});

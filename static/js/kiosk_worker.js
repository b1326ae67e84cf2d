// The tablet's service worker: keeps its page, its scripts and its questionnaire, so that it opens without a connection.
// The server writes what TABLET is before this: { home, kept, revision }.

const PREFIX = `kiosk:${TABLET.home}:`;
const NAME = PREFIX + TABLET.revision;
const PATIENCE = 4000;

addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || !TABLET.kept.includes(url.pathname)) return;
  event.respondWith(url.pathname.startsWith(TABLET.home) ? newest(event.request) : kept(event.request));
});

async function keepAll() {
  const cache = await caches.open(NAME);
  await Promise.all(
    TABLET.kept.map(async (path) => {
      const answer = await fetch(path, { cache: "reload" });
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      await cache.put(path, answer);
    }),
  );
}

async function dropOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== NAME).map((name) => caches.delete(name)));
}

async function kept(request) {
  const cache = await caches.open(NAME);
  return (await cache.match(request, { ignoreVary: true })) ?? fetch(request);
}

// The page and the questionnaire: as the server has them now, or else, or after four seconds, as they were last.
async function newest(request) {
  const cache = await caches.open(NAME);
  const path = new URL(request.url).pathname;
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE);
  try {
    const answer = await fetch(request, { signal: giveUp.signal });
    if (answer.ok) await cache.put(path, answer.clone());
    if (answer.ok || answer.status < 500) return answer;
  } catch {
    // below
  } finally {
    clearTimeout(timer);
  }
  return (await cache.match(path, { ignoreVary: true })) ?? Response.error();
}

// Opens boards without a network. Everything is asked of the network first; what came is kept, and given when nothing comes.
// Boards are pages of one person: those of another go.

const PAGES = 'cairn-pages';
const FILES = 'cairn-files';
const OWNER = '/sw.js?owner';
const BOARD = /^\/p\/[^/]+(\/i\/[^/]+)?$/;

self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

// An open board says whose it is, where it is, and what it is made of: it was loaded before anybody listened here.
self.addEventListener('message', (event) => event.waitUntil(keep(event.data)));

async function keep({ owner, page, files }) {
  const before = await (await caches.open(PAGES)).match(OWNER);
  if (before && (await before.text()) !== owner) await caches.delete(PAGES);
  const pages = await caches.open(PAGES);
  await pages.put(OWNER, new Response(owner));
  if (!(await pages.match(page))) await load(pages, page);
  const kept = await caches.open(FILES);
  const old = (await kept.keys()).filter(({ url }) => isOld(url, files));
  await Promise.all(old.map(({ url }) => kept.delete(url)));
  // Pages of an earlier build would ask for those files.
  const others = old.length ? (await pages.keys()).filter(({ url }) => !url.endsWith(page) && !url.endsWith(OWNER)) : [];
  await Promise.all(others.map(({ url }) => pages.delete(url)));
  await Promise.all(files.map(async (file) => (await kept.match(file)) || load(kept, file)));
}

// Whether a file carries the hash of another build. What a page loads later has one of its own files' hashes.
function isOld(url, files) {
  const hash = (name) => name.match(/\.([0-9a-f]{16})\.\w+$/)?.[1];
  const own = hash(url);
  return own !== undefined && !files.some((file) => hash(file) === own);
}

async function load(cache, address) {
  try {
    const response = await fetch(address, { credentials: 'same-origin' });
    if (response.ok && !response.redirected) await cache.put(address, response);
  } catch {
    // Without a network there is nothing to keep.
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(navigate(request, pathname));
  else if (pathname.startsWith('/pkg/')) event.respondWith(fromNetwork(request, FILES, request.url));
});

async function fromNetwork(request, name, key) {
  try {
    const response = await fetch(request);
    if (response.ok && !response.redirected) {
      const cache = await caches.open(name);
      await cache.put(key, response.clone());
    } else if (response.status === 403 || response.status === 404) {
      // What may not be seen any more is not kept, either.
      await (await caches.open(name)).delete(key);
    }
    return response;
  } catch (error) {
    const kept = await (await caches.open(name)).match(key);
    if (kept) return kept;
    throw error;
  }
}

async function navigate(request, path) {
  try {
    return BOARD.test(path) ? await fromNetwork(request, PAGES, path) : await fetch(request);
  } catch {
    const board = path.match(/^\/p\/[^/]+/)?.[0];
    const pages = await caches.open(PAGES);
    // An item's address without its own page leads to its board.
    if (board && board !== path && (await pages.match(board))) return Response.redirect(board);
    return offline(pages);
  }
}

// In the look of the application, from the style that was kept with it.
async function offline(pages) {
  const paths = (await pages.keys()).map((request) => new URL(request.url).pathname);
  const links = paths.filter((path) => /^\/p\/[^/]+$/.test(path)).map((path) => {
    const key = decodeURIComponent(path.slice(3)).replace(/[^\w-]/g, '');
    return `<p><a class="button" href="/p/${key}">${key}</a></p>`;
  });
  const files = (await (await caches.open(FILES)).keys()).map((request) => new URL(request.url).pathname);
  const styles = files.filter((path) => path.endsWith('.css')).map((path) => `<link rel="stylesheet" href="${encodeURI(path)}">`);
  const boards = links.length ? `<p>Boards you opened before can be opened and edited:</p>${links.join('')}` : '';
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>Offline · Cairn</title>${styles.join('')}</head><body><main class="page"><div class="empty">
<h1>You are offline</h1><p>This page needs the network. Try again when it is back.</p>${boards}</div></main></body></html>`;
  return new Response(html, { status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } });
}

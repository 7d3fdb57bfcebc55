// Serves the whole app from this device, from the first visit on. Takes in a version only when every file of it has
// the hash the build wrote down, and never switches versions by itself: the page asks the person first.

/// <reference types="@sveltejs/kit" />
/// <reference no-default-lib="true"/>
/// <reference lib="esnext" />
/// <reference lib="webworker" />

import { version } from '$service-worker';

const worker = globalThis as unknown as ServiceWorkerGlobalScope;

/** Written over by hash-manifest.js after the build. */
const MANIFEST_HASH = '@manifest-hash@';
const MANIFEST = '_app/manifest-hashes.json';
const PREFIX = 'understory-';
const CACHE = `${PREFIX}${version}`;
/** Files fetched at a time: an old laptop serves them, and the person is already using the page. */
const AT_ONCE = 6;

function base(): string {
  return worker.registration.scope;
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return btoa(String.fromCharCode(...digest));
}

/** Fetches past every cache and refuses what does not have the expected hash. */
async function fetchVerified(file: string, expected: string): Promise<Response> {
  const response = await fetch(new URL(file, base()), { cache: 'no-cache', credentials: 'omit' });
  if (!response.ok) throw new Error(`not there: ${file}`);
  const bytes = await response.arrayBuffer();
  if ((await sha256(bytes)) !== expected) throw new Error(`changed: ${file}`);
  // A new response, without the marks of a redirect or an encoding, which a navigation would not accept.
  const type = response.headers.get('content-type') ?? 'application/octet-stream';
  const headers = new Headers({ 'content-type': type });
  for (const name of [
    'content-security-policy',
    'cross-origin-opener-policy',
    'cross-origin-resource-policy',
    'x-content-type-options',
    'referrer-policy',
    'permissions-policy',
  ]) {
    const value = response.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(bytes, { headers });
}

async function takeIn(): Promise<void> {
  const manifest = await fetchVerified(MANIFEST, MANIFEST_HASH);
  const hashes = Object.entries((await manifest.json()) as Record<string, string>);
  const cache = await caches.open(CACHE);
  const next = async (): Promise<void> => {
    for (let entry = hashes.shift(); entry !== undefined; entry = hashes.shift()) {
      await cache.put(new URL(entry[0], base()), await fetchVerified(...entry));
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  } catch (fault) {
    await caches.delete(CACHE);
    throw fault;
  }
}

async function forgetOthers(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  // The first visit is served offline from here on; a later version has control only after the person agreed.
  await worker.clients.claim();
}

/** The app's own files from the cache; everything else goes to the network and is never kept. */
async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const cache = await caches.open(CACHE);
  const place = new URL(url.pathname, url.origin);
  // The help has an `index.html` of its own in each language: only the one beside this worker is the app.
  if (place.href === base()) place.pathname += 'index.html';
  return (await cache.match(place)) ?? fetch(request);
}

worker.addEventListener('install', (event) => event.waitUntil(takeIn()));
worker.addEventListener('activate', (event) => event.waitUntil(forgetOthers()));
worker.addEventListener('message', (event) => {
  // Sent by workbox-window when the person pressed "Use the new version".
  if ((event.data as { type?: unknown } | null)?.type === 'SKIP_WAITING') void worker.skipWaiting();
});
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== worker.location.origin) return;
  event.respondWith(answer(request));
});

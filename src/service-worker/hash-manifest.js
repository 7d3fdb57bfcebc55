// After the build: writes the hash of every file into `_app/manifest-hashes.json`, and the hash of that list into the
// service worker, so that one version of the worker takes exactly one version of the app and nothing else.
// Plain JavaScript, because svelte.config.js is read by tools on any Node.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const MANIFEST = '_app/manifest-hashes.json';
/** Stands in the built service worker where the manifest's hash goes. */
export const MANIFEST_MARK = '@manifest-hash@';
const SERVICE_WORKER = 'service-worker.js';

/** @param {Uint8Array | string} bytes */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('base64');

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}

/** @param {string} folder the built app */
export function writeHashManifest(folder) {
  const files = filesBelow(folder).filter(
    (file) => !/\.(br|gz)$|^screenshot-/.test(file) && ![SERVICE_WORKER, MANIFEST].includes(file),
  );
  const hashes = Object.fromEntries(files.map((file) => [file, sha256(readFileSync(path.join(folder, file)))]));
  const manifest = JSON.stringify(hashes);
  writeFileSync(path.join(folder, MANIFEST), manifest);
  const worker = path.join(folder, SERVICE_WORKER);
  const code = readFileSync(worker, 'utf8');
  if (!code.includes(MANIFEST_MARK)) throw new Error('The service worker has no place for the manifest hash.');
  writeFileSync(worker, code.replaceAll(MANIFEST_MARK, sha256(manifest)));
}

/**
 * The static adapter with the manifest written before files are compressed.
 * @param {import('@sveltejs/kit').Adapter} adapter
 * @returns {import('@sveltejs/kit').Adapter}
 */
export function withHashManifest(adapter) {
  return {
    ...adapter,
    adapt: (builder) =>
      adapter.adapt(
        Object.create(builder, {
          compress: {
            value: async (/** @type {string} */ folder) => {
              writeHashManifest(folder);
              await builder.compress(folder);
            },
          },
        }),
      ),
  };
}

// What this browser, or the way the page was opened, lacks for keeping anything safe.

export type Missing = 'secure-address' | 'crypto' | 'storage' | 'workers';

export function whatIsMissing(page: typeof globalThis = globalThis): readonly Missing[] {
  // Over plain http browsers hide most of the rest, so that one reason explains all.
  if (!page.isSecureContext) return ['secure-address'];
  const missing: Missing[] = [];
  if (page.crypto?.subtle === undefined) missing.push('crypto');
  if (page.indexedDB === undefined) missing.push('storage');
  if (page.Worker === undefined || page.WebAssembly === undefined) missing.push('workers');
  return missing;
}

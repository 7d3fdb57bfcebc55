// What every answer of the web side says about itself.

/** The app's own policy, with the hashes of its scripts, is in its HTML; a header adds what HTML cannot say. */
const FRAME_POLICY = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'";

/**
 * No Strict-Transport-Security: a relay node on a spare laptop may change its certificate or lose it, and the browser
 * would lock people out of an app that still holds their only copy. No Cross-Origin-Embedder-Policy: with the opener's it
 * gives pages memory in common with their workers, and so a clock fine enough to watch what the processor does beside
 * them; the app needs neither, and in Firefox tools would have both.
 */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': FRAME_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'permissions-policy': 'camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()',
};

/**
 * The page that tools run in (src/app/tools/SPEC.md) is the one that the app itself may show inside; its own policy, with
 * the hashes of its scripts, is in its HTML.
 */
const TOOL_FRAME: Readonly<Record<string, string>> = {
  ...COMMON_HEADERS,
  'content-security-policy':
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; " +
    "connect-src 'none'; frame-src 'none'; img-src 'none'; font-src 'none'; media-src 'none'; worker-src blob:",
  'x-frame-options': 'SAMEORIGIN',
  'permissions-policy': 'camera=(), microphone=(), display-capture=(), geolocation=(), payment=(), usb=()',
};

export function headersOf(path: string): Readonly<Record<string, string>> {
  return path === '/tool-frame.html' ? TOOL_FRAME : COMMON_HEADERS;
}

/** A name that holds the hash of its content never means anything else. */
export function cacheControl(path: string): string {
  return path.startsWith('/_app/immutable/') ? 'public, max-age=31536000, immutable' : 'no-cache';
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
};

export function contentType(extension: string): string {
  return TYPES[extension.toLowerCase()] ?? 'application/octet-stream';
}

// The web side: one port, the right headers, nothing outside the app's folder, a clean end.

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guestsLeave, makeGuest, relayMultiaddr } from './relay-guest.ts';
import { cleanUp, startRelayProcess, temporaryFolder, type RelayProcess } from './relay-process.ts';

const SECRET = 'outside the folder';
const SCRIPT = `console.log(${JSON.stringify('x'.repeat(5_000))})`;

function makeApp(): string {
  const around = temporaryFolder();
  const app = path.join(around, 'app');
  mkdirSync(path.join(app, '_app/immutable'), { recursive: true });
  mkdirSync(path.join(app, 'help'));
  writeFileSync(path.join(around, 'secret.txt'), SECRET);
  symlinkSync(path.join(around, 'secret.txt'), path.join(app, 'link.txt'));
  writeFileSync(path.join(app, 'index.html'), '<!doctype html><title>app</title>');
  writeFileSync(path.join(app, 'help/index.html'), '<!doctype html><title>help</title>');
  writeFileSync(path.join(app, 'tool-frame.html'), '<!doctype html><title>tools</title>');
  writeFileSync(path.join(app, 'service-worker.js'), '// worker');
  writeFileSync(path.join(app, 'manifest.webmanifest'), '{}');
  writeFileSync(path.join(app, '_app/version.json'), '{"version":"1"}');
  writeFileSync(path.join(app, '_app/immutable/start.abc.js'), SCRIPT);
  writeFileSync(path.join(app, '_app/immutable/start.abc.js.gz'), gzipSync(SCRIPT));
  writeFileSync(path.join(app, '_app/immutable/argon.wasm'), Buffer.from('0061736d', 'hex'));
  return app;
}

let relay: RelayProcess;

beforeAll(async () => {
  relay = await startRelayProcess({ data: temporaryFolder(), flags: ['--app', makeApp()] });
}, 30_000);

afterAll(async () => {
  await guestsLeave();
  await cleanUp();
});

/** One request exactly as written: `fetch` would tidy the path. */
function rawRequest(head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(relay.port, '127.0.0.1', () =>
      socket.write(`${head}\r\nHost: x\r\nConnection: close\r\n\r\n`),
    );
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('the web side of a relay node', () => {
  test('P38: serves the app and its parts with their types, on the port libp2p is dialled on', async () => {
    const types: Record<string, string> = {
      '/': 'text/html; charset=utf-8',
      '/help/': 'text/html; charset=utf-8',
      '/service-worker.js': 'text/javascript; charset=utf-8',
      '/manifest.webmanifest': 'application/manifest+json; charset=utf-8',
      '/_app/immutable/argon.wasm': 'application/wasm',
    };
    for (const [urlPath, type] of Object.entries(types)) {
      const response = await fetch(relay.address + urlPath);
      expect(response.status, urlPath).toBe(200);
      expect(response.headers.get('content-type'), urlPath).toBe(type);
    }
    const guest = await makeGuest();
    const connection = await guest.dial(relayMultiaddr(relay));
    expect(connection.remotePeer.toString()).toBe(relay.json.peer);
  });

  test('every answer forbids framing, sniffing and referrers', async () => {
    for (const urlPath of ['/', '/nothing', '/relay.json', '/healthz', '/_app/immutable/start.abc.js']) {
      const { headers } = await fetch(relay.address + urlPath);
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      // Both together give pages, and in Firefox tools too, memory in common with their workers.
      expect(headers.get('cross-origin-embedder-policy')).toBeNull();
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  test('P25 the page that tools run in may be shown by the app itself, and nothing there may connect', async () => {
    const { headers } = await fetch(`${relay.address}/tool-frame.html`);
    const policy = headers.get('content-security-policy');
    for (const directive of ["frame-ancestors 'self'", "connect-src 'none'", "frame-src 'none'"])
      expect(policy).toContain(directive);
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('permissions-policy')).not.toContain('self');
  });

  test('what has a hash in its name is kept for ever, everything else is asked for again', async () => {
    const caching = async (urlPath: string): Promise<string | null> =>
      (await fetch(relay.address + urlPath)).headers.get('cache-control');
    expect(await caching('/_app/immutable/start.abc.js')).toBe('public, max-age=31536000, immutable');
    for (const urlPath of ['/', '/service-worker.js', '/_app/version.json', '/manifest.webmanifest']) {
      expect(await caching(urlPath), urlPath).toBe('no-cache');
    }
    const first = await fetch(`${relay.address}/`);
    const again = await fetch(`${relay.address}/`, { headers: { 'if-none-match': first.headers.get('etag')! } });
    expect(again.status).toBe(304);
  });

  test('sends the packed form to who takes it, and the plain one to who does not', async () => {
    const packed = await rawRequest('GET /_app/immutable/start.abc.js HTTP/1.1\r\nAccept-Encoding: gzip, br');
    expect(packed).toMatch(/content-encoding: gzip/i);
    const plain = await rawRequest('GET /_app/immutable/start.abc.js HTTP/1.1\r\nAccept-Encoding: identity, gzip;q=0');
    expect(plain).not.toMatch(/content-encoding/i);
    expect(plain).toContain(SCRIPT);
    expect((await fetch(`${relay.address}/_app/immutable/start.abc.js.gz`)).status).toBe(404);
  });

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/help/../../secret.txt',
    '/help/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/..\\secret.txt',
    '/link.txt',
    '//secret.txt',
    '/%00/index.html',
    '/%c0%ae%c0%ae/secret.txt',
    '/%',
    'http://127.0.0.1/../secret.txt',
  ])('does not leave the folder by %s', async (target) => {
    const answer = await rawRequest(`GET ${target} HTTP/1.1`);
    expect(answer).toMatch(/^HTTP\/1\.1 40[04]/);
    expect(answer).not.toContain(SECRET);
  });

  test('answers reading only', async () => {
    expect((await fetch(`${relay.address}/`, { method: 'POST' })).status).toBe(405);
    const head = await fetch(`${relay.address}/`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('says who it is to any page, and how it is to whoever watches over it', async () => {
    const who = await fetch(`${relay.address}/relay.json`);
    expect(who.headers.get('access-control-allow-origin')).toBe('*');
    expect(await who.json()).toEqual({ peer: expect.stringMatching(/^12D3KooW/) });
    const health = await fetch(`${relay.address}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    expect(health.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('survives nonsense on its port', async () => {
    await rawRequest('\u0000\u0001\u0002\u0003');
    await rawRequest('GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade');
    expect((await fetch(`${relay.address}/healthz`)).status).toBe(200);
  });

  test('ends cleanly when told to, also with people connected', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const other = await startRelayProcess({ data: temporaryFolder() });
      const guest = await makeGuest();
      await guest.dial(relayMultiaddr(other));
      // After 8 s it would give up and say so with another code.
      expect(await other.end(signal)).toBe(0);
      expect(other.output()).toContain('Stopped: 1 connected');
    }
  }, 30_000);

  test('says in words why it cannot start', async () => {
    const start = (...flags: string[]) => startRelayProcess({ data: temporaryFolder(), flags });
    await expect(start('--port', String(relay.port))).rejects.toThrow(/is in use: is a relay node running already/);
    await expect(start('--host', '203.0.113.7')).rejects.toThrow(/has no address 203.0.113.7/);
    await expect(start('--tls-cert', '/none.pem', '--tls-key', '/none.pem')).rejects.toThrow(/none.pem/);
  }, 30_000);

  test('explains every flag, and refuses those it does not know or cannot keep', async () => {
    const { readConfig, helpText } = await import('#relay/config.ts');
    for (const flag of ['--host', '--port', '--data', '--app', '--tls-cert', '--stun-port', '--max-store-mib']) {
      expect(helpText()).toContain(`${flag} `);
    }
    expect(() => readConfig(['--nonsense', '1'], {})).toThrow(/--nonsense/);
    expect(() => readConfig(['--port', '70000'], {})).toThrow(/--port/);
    expect(() => readConfig(['--max-store-mib', '0'], {})).toThrow(/--max-store-mib/);
    expect(() => readConfig(['--tls-cert', 'a.pem'], {})).toThrow(/--tls-key/);
    expect(readConfig([], { UNDERSTORY_PORT: '9000' })).toMatchObject({ port: 9000, host: '127.0.0.1' });
    expect(readConfig(['--port', '9001'], { UNDERSTORY_PORT: '9000' })).toMatchObject({ port: 9001 });
    expect(readConfig(['--stun-port', 'off'], {})).toMatchObject({ stunPort: undefined });
  });
});

// The patch fits the installed package, and says so loudly when it no longer does.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { describe, expect, test } from 'vitest';
import {
  CANDIDATES_FILE,
  closeBrokenSockets,
  dropDefaultResolvers,
  dropDefaultServers,
  keepInitChannel,
  MUXER_FILE,
  RESOLVERS_FILE,
  PATCHED_FILE,
  patchInitChannel,
  quickenStream,
  SERVERS_FILE,
  SOCKET_FILE,
  STREAM_FILE,
  waitUntilConnected,
  webrtcPatchPlugin,
} from './webrtc-patch-plugin.ts';

const real = readFileSync(join('node_modules', PATCHED_FILE), 'utf8');
const page = `import { webRTC } from '@libp2p/webrtc';
import { webSockets } from '@libp2p/websockets';
import { createLibp2p } from 'libp2p';
globalThis.made = [webRTC, webSockets, createLibp2p];`;

describe('the patch of libp2p', () => {
  test('mends the installed file in its places', () => {
    const patched = patchInitChannel(real);
    expect(patched).toContain(`channel.readyState === 'connecting'`);
    expect(patched).toContain(`['open', 'closing', 'close']`);
    expect(patched).toContain(`peerConnection.initChannel = channel;`);
    expect(patched).not.toMatch(/[^n]channel\.close\(|pEvent\(channel, 'close'/);
    expect(patched).not.toContain(`readyState !== 'open'`);
  });

  test('refuses code in which any of the places has changed', () => {
    expect(() => patchInitChannel(real.replace(`!== 'open'`, `!= 'open'`))).toThrow('check again');
    expect(() => patchInitChannel(real.replace(`pEvent(channel, 'open'`, `pEvent(channel, "open"`))).toThrow(
      'check again',
    );
    expect(() => patchInitChannel(real.replace(`pEvent(channel, 'close'`, `once(channel, 'close'`))).toThrow(
      'check again',
    );
  });

  test('refuses code that is already mended, so that it is not kept for nothing', () => {
    expect(() => patchInitChannel(patchInitChannel(real))).toThrow('check again');
  });

  test('refuses code in which a place occurs twice', () => {
    expect(() => patchInitChannel(real + real)).toThrow('check again');
  });

  test('leaves the first channel of a call open, and refuses code that does something else with it', () => {
    const muxer = readFileSync(join('node_modules', MUXER_FILE), 'utf8');
    expect(keepInitChannel(muxer)).toContain('this.peerConnection.initChannel = channel;');
    expect(() => keepInitChannel(muxer.replace('closing init', 'ending init'))).toThrow('check again');
  });

  test('empties the list of default STUN servers, and refuses code without one', () => {
    const constants = readFileSync(join('node_modules', SERVERS_FILE), 'utf8');
    expect(constants.includes('stun:')).toBe(true);
    expect(dropDefaultServers(constants).includes('stun:')).toBe(false);
    expect(() => dropDefaultServers(constants.replace('DEFAULT_ICE_SERVERS', 'SERVERS'))).toThrow('check again');
  });

  test('empties the list of default DNS services, and refuses code without one', () => {
    const resolvers = readFileSync(join('node_modules', RESOLVERS_FILE), 'utf8');
    expect(resolvers.includes('https://')).toBe(true);
    expect(dropDefaultResolvers(resolvers).includes('https://')).toBe(false);
    expect(() => dropDefaultResolvers(resolvers.replace('return [', 'return list(['))).toThrow('check again');
  });

  test('waits until a call is connected, and refuses code that decides it otherwise', () => {
    const util = readFileSync(join('node_modules', CANDIDATES_FILE), 'utf8');
    expect(waitUntilConnected(util)).toContain('await late.promise;');
    expect(() => waitUntilConnected(util.replace('?.aborted === true', '.aborted'))).toThrow('check again');
    expect(() => waitUntilConnected(util.replace('resolveOnConnected(pc, promise)', 'onConnected()'))).toThrow(
      'check again',
    );
  });

  test('sends and reads a data channel without detours, and refuses code that goes other ways', () => {
    const stream = readFileSync(join('node_modules', STREAM_FILE), 'utf8');
    const quick = quickenStream(stream);
    expect(quick).toContain('this.channel.send(withArrayBuffer(data.subarray()));');
    expect(/pushable\(\)|lengthPrefixed\.decode/.test(quick)).toBe(false);
    expect(() => quickenStream(quick)).toThrow('check again');
    expect(() => quickenStream(stream.replace('const buf of data', 'const part of data'))).toThrow('check again');
    expect(() => quickenStream(stream.replace('this.incomingData.push(', 'this.incoming.push('))).toThrow(
      'check again',
    );
  });

  test('reads messages as they were sent, however they were cut, and ends a stream that claims too much', async () => {
    const { read, ended } = await patchedReader();
    const sent = [Uint8Array.of(1), new Uint8Array(200).fill(2), new Uint8Array(300).fill(3)];
    const bytes = Uint8Array.from(sent.flatMap((part) => [...lengthOf(part.length), ...part]));
    for (const size of [1, 2, 150, 1_000]) {
      const got = await read(bytes, size);
      expect(got.map((part) => [...part])).toEqual(sent.map((part) => [...part]));
    }
    expect(ended()).toBe(false);
    await read(Uint8Array.of(0xff, 0xff, 0x7f, 1), 4);
    expect(ended()).toBe(true);
  });

  test('ends broken sockets in the way browsers allow, and refuses code that ends them otherwise', () => {
    const socket = readFileSync(join('node_modules', SOCKET_FILE), 'utf8');
    expect(closeBrokenSockets(socket)).toContain('this.websocket.close(); // abnormal closure');
    expect(() => closeBrokenSockets(socket.replace('close(1006)', 'close(4000)'))).toThrow('check again');
  });

  test('reaches the files in a build for browsers', async () => {
    const text = await bundle((code) => code);
    expect(/["'`]open["'`],\s*["'`]closing["'`],\s*["'`]close["'`]/.test(text)).toBe(true);
    expect(text.includes('close(1006)')).toBe(false);
    expect(/\[["'`]failed["'`],\s*["'`]closed["'`]\]\.includes/.test(text)).toBe(true);
    expect(/stun:|dns\.google|l\.google|twilio|cloudflare|mozilla\.com/.test(text)).toBe(false);
  });

  test('stops a build in which the file has changed', async () => {
    await expect(bundle((code) => code.replace(`!== 'open'`, `!= 'open'`))).rejects.toThrow('check again');
  });
});

/** Builds a page with @libp2p/webrtc in it, after `change` was made to the file as an update would make it. */
async function bundle(change: (code: string) => string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'scratch',
        enforce: 'pre',
        resolveId: (id) => (id.endsWith('scratch-page.js') ? 'scratch-page.js' : null),
        load: (id) => (id === 'scratch-page.js' ? page : null),
        transform: (code, id) => (id.endsWith(PATCHED_FILE) ? { code: change(code), map: null } : null),
      },
      webrtcPatchPlugin(),
    ],
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      rolldownOptions: { input: 'scratch-page.js' },
    },
  });
  const outputs = [result].flat().flatMap((one) => ('output' in one ? one.output : []));
  return outputs.map((part) => (part.type === 'chunk' ? part.code : '')).join('\n');
}

function lengthOf(length: number): number[] {
  return length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >>> 7];
}

/** The patched way of reading, taken out of the class around it. */
async function patchedReader() {
  const code = quickenStream(readFileSync(join('node_modules', STREAM_FILE), 'utf8'));
  const helpers = code.slice(code.indexOf('function joined'), code.indexOf('export class'));
  const body = /channel\.onmessage = (async \(event\) => \{[\s\S]*?\n {8}\});/.exec(code)![1]!;
  const source = `${helpers}export function listen() { return ${body}; }`;
  const made = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as {
    listen(this: object): (event: { data: ArrayBuffer }) => void;
  };
  let got: Uint8Array[] = [];
  let isEnded = false;
  const stream = {
    incomingData: new Uint8Array(0),
    log: () => undefined,
    processIncomingProtobuf: (part: Uint8Array) => void got.push(part),
    abort: () => (isEnded = true),
  };
  const hear = made.listen.call(stream);
  const read = async (bytes: Uint8Array, size: number) => {
    got = [];
    for (let at = 0; at < bytes.length; at += size) hear({ data: bytes.slice(at, at + size).buffer });
    await new Promise((resolve) => setTimeout(resolve));
    return got;
  };
  return { read, ended: () => isEnded };
}

// Vite plugin: mends five faults of libp2p while the app is built, takes strangers' servers out of it, and stops the build
// when the code in question changes.
//
// The initiator of a call opens a data channel named `init`, waits for its `open` event, and closes it; the answerer closes
// it as soon as it sees it. On a busy machine the channel is therefore already closing, or closed, when the initiator starts
// to wait, and the event never comes: 8 of 29 cold dials hung until their time-out. And the number of a closed channel is
// used again for the first stream, which is lost where one side still resets it: of calls from Firefox one in five opened
// and carried nothing. So nobody closes it: it is there, idle, as long as the call.

import type { Plugin } from 'vite';

/** The file in @libp2p/webrtc 6.0.33 that holds the fault, and the one that names strangers' STUN servers. */
export const PATCHED_FILE = '@libp2p/webrtc/dist/src/private-to-private/initiate-connection.js';
/** Closes the channel `init` on the side of whoever answers. */
export const MUXER_FILE = '@libp2p/webrtc/dist/src/muxer.js';
/** Takes a call that failed, or that the other side gave up, for one that was connected. */
export const CANDIDATES_FILE = '@libp2p/webrtc/dist/src/private-to-private/util.js';
export const SERVERS_FILE = '@libp2p/webrtc/dist/src/constants.js';
/** Sends the length of each message, and then the message, as two messages of the data channel. */
export const STREAM_FILE = '@libp2p/webrtc/dist/src/stream.js';
/** Names two companies' DNS services, to be asked over the web for `/dnsaddr`. We dial none of those. */
export const RESOLVERS_FILE = '@multiformats/dns/dist/src/resolvers/default.browser.js';

/** Ends a broken connection with a code that browsers refuse, so that the socket stays open for ever. */
export const SOCKET_FILE = '@libp2p/websockets/dist/src/websocket-to-conn.js';

interface Replacement {
  readonly from: string;
  readonly to: string;
}

const REPLACEMENTS: readonly Replacement[] = [
  // Wait only while there is something to wait for.
  { from: `if (channel.readyState !== 'open') {`, to: `if (channel.readyState === 'connecting') {` },
  // An older app may close it while we wait; that, too, proves that the channel was there.
  { from: `await pEvent(channel, 'open', {`, to: `await pEvent(channel, ['open', 'closing', 'close'], {` },
  // Who keeps no reference to a channel has it closed when memory is tidied up.
  { from: `        channel.close();`, to: `        peerConnection.initChannel = channel;` },
  {
    from: `        await pEvent(channel, 'close', {
            signal
        });`,
    to: '',
  },
];

/** The mended text. Throws unless each place occurs exactly once: then a person has to look at the new code. */
export function patchInitChannel(code: string): string {
  return REPLACEMENTS.reduce((patched, { from, to }) => {
    if (code.split(from).length !== 2) {
      throw new Error(`@libp2p/webrtc changed: check again whether the init channel still needs its patch (${from})`);
    }
    return patched.replace(from, to);
  }, code);
}

/** Leaves the channel `init` open on the side of whoever answers. */
export function keepInitChannel(code: string): string {
  const from = `            this.log.trace('closing init channel %d', channel.id);
            closeChannel(channel, this.log);`;
  if (code.split(from).length !== 2) throw new Error('@libp2p/webrtc changed: check again what it does with `init`');
  return code.replace(
    from,
    `            channel.onmessage = null;
            this.peerConnection.initChannel = channel;`,
  );
}

/**
 * Signalling may rightly end a moment before the call counts as connected here, so its end alone is no failure. But
 * upstream then goes on as if connected, also after ICE has failed: the answerer holds a connection on which nothing will
 * ever arrive, and would use it. So: wait for the call to connect, fail, or run out of time.
 */
export function waitUntilConnected(code: string): string {
  const from = `        if (options.signal?.aborted === true && pc.connectionState !== 'connected') {
            throw err;
        }`;
  if (code.split(from).length !== 2 || !code.includes('function resolveOnConnected(pc, promise) {')) {
    throw new Error('@libp2p/webrtc changed: check again what it takes for a connected call');
  }
  return code.replace(
    from,
    `        if (pc.connectionState !== 'connected') {
            if (options.signal?.aborted === true || ['failed', 'closed'].includes(pc.connectionState)) throw err;
            const late = Promise.withResolvers();
            resolveOnConnected(pc, late);
            options.signal?.addEventListener('abort', () => late.reject(err), { once: true });
            await late.promise;
        }`,
  );
}

/**
 * Empties the list of strangers' STUN servers that the package falls back to. We always pass our own; with the list
 * gone, a mistake costs a connection and not an address.
 */
export function dropDefaultServers(code: string): string {
  const list = /(export const DEFAULT_ICE_SERVERS = )\[[^\]]*\];/;
  if (!list.test(code)) throw new Error('@libp2p/webrtc changed: check again where it names default STUN servers');
  return code.replace(list, '$1[];');
}

/** Empties the list of DNS services. `/dnsaddr` in an address that a stranger sent then leads nowhere. */
export function dropDefaultResolvers(code: string): string {
  const list = /(export function defaultResolver\(\) \{\s*return )\[[^\]]*\];/;
  if (!list.test(code)) throw new Error('@multiformats/dns changed: check again where it names default DNS services');
  return code.replace(list, '$1[];');
}

/**
 * `WebSocket.close(1006)` throws in browsers: 1006 is what they report, never what a page may say. The relay node then
 * takes the dead connection for the live one and sends our visitors into it, until its own ping fails.
 */
export function closeBrokenSockets(code: string): string {
  const from = 'this.websocket.close(1006);';
  if (code.split(from).length !== 2) throw new Error('@libp2p/websockets changed: check again how it ends a socket');
  return code.replace(from, 'this.websocket.close();');
}

/** How the stream of a data channel sends and reads, and what makes it quicker. */
const STREAM_REPLACEMENTS: readonly Replacement[] = [
  // Length and content leave in one message: each costs its own way through the browser's processes, there and here.
  {
    from: `            // send message without copying data
            for (const buf of data) {
                this.channel.send(withArrayBuffer(buf));
            }`,
    to: '            this.channel.send(withArrayBuffer(data.subarray()));',
  },
  // What came is taken apart in the next microtask and not by two generators and a queue of promises.
  {
    from: '            this.incomingData.push(new Uint8Array(data, 0, data.byteLength));',
    to: `            const came = new Uint8Array(data, 0, data.byteLength);
            this.incomingData = this.incomingData.length === 0 ? came : joined(this.incomingData, came);
            queueMicrotask(() => {
                try {
                    for (let at = 0; (at = wholeEnd(this.incomingData)) > 0;) {
                        const whole = this.incomingData.subarray(lengthEnd(this.incomingData), at);
                        this.incomingData = this.incomingData.subarray(at);
                        this.processIncomingProtobuf(whole);
                    }
                } catch (err) {
                    this.abort(err);
                }
            });`,
  },
  { from: 'this.incomingData = pushable();', to: 'this.incomingData = new Uint8Array(0);' },
  {
    from: `        Promise.resolve().then(async () => {
            for await (const buf of lengthPrefixed.decode(this.incomingData)) {
                this.processIncomingProtobuf(buf);
            }
        })
            .catch(err => {
            this.log.error('error processing incoming data channel messages - %e', err);
        });`,
    to: '',
  },
  {
    from: 'export class WebRTCStream extends AbstractStream {',
    to: `function joined(a, b) {
    const both = new Uint8Array(a.length + b.length);
    both.set(a);
    both.set(b, a.length);
    return both;
}
/** Where the varint in front ends, or 0 when it has not come whole. */
function lengthEnd(bytes) {
    for (let i = 0; i < 3 && i < bytes.length; i++) if (bytes[i] < 128) return i + 1;
    if (bytes.length > 2) throw new Error('framing: too long');
    return 0;
}
/** Where the first message ends, or 0 when it has not come whole. */
function wholeEnd(bytes) {
    const from = lengthEnd(bytes);
    if (from === 0) return 0;
    let length = 0;
    for (let i = 0; i < from; i++) length += (bytes[i] & 127) << (7 * i);
    if (length > 65536) throw new Error('framing: too long');
    return from + length > bytes.length ? 0 : from + length;
}
export class WebRTCStream extends AbstractStream {`,
  },
];

/**
 * Saves half a millisecond of every keystroke, at no cost: the bytes in the stream are the same, so the other end need
 * not know. A length over the limit ends the stream, which upstream would leave standing unread.
 */
export function quickenStream(code: string): string {
  return STREAM_REPLACEMENTS.reduce((patched, { from, to }) => {
    if (code.split(from).length !== 2) {
      throw new Error(`@libp2p/webrtc changed: check again how it sends and reads (${from})`);
    }
    return patched.replace(from, () => to);
  }, code);
}

const PATCHES: readonly (readonly [file: string, patch: (code: string) => string])[] = [
  [PATCHED_FILE, patchInitChannel],
  [MUXER_FILE, keepInitChannel],
  [CANDIDATES_FILE, waitUntilConnected],
  [SERVERS_FILE, dropDefaultServers],
  [STREAM_FILE, quickenStream],
  [RESOLVERS_FILE, dropDefaultResolvers],
  [SOCKET_FILE, closeBrokenSockets],
];

/**
 * Also fails a build that has libp2p in it but never met the files: an update may have moved them.
 *
 * @param runs where the mended code runs; tests of the network in Node need it as much as browsers do.
 */
export function webrtcPatchPlugin(runs: 'client' | 'server' = 'client'): Plugin {
  let hasLibp2p = false;
  const patched = new Set<string>();
  return {
    name: 'understory:webrtc-patch',
    // Kit builds twice; in its half for Node the packages stay outside and nothing of ours runs.
    applyToEnvironment: (environment) => environment.config.consumer === runs,
    buildStart() {
      hasLibp2p = false;
      patched.clear();
    },
    transform: {
      filter: { id: /(@libp2p\/webrtc|@libp2p\/websockets|@multiformats\/dns|\/libp2p)\/dist\/src\// },
      handler(code, id) {
        hasLibp2p ||= id.includes('/libp2p/dist/src/');
        const found = PATCHES.find(([file]) => id.split('?')[0]?.endsWith(file));
        if (found === undefined) return undefined;
        patched.add(found[0]);
        return { code: found[1](code), map: null };
      },
    },
    buildEnd(error) {
      if (error === undefined && hasLibp2p && patched.size < PATCHES.length) {
        throw new Error('libp2p moved a file that needs its patch');
      }
    },
  };
}

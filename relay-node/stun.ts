// Tells whoever asks over UDP how their address looks from outside (STUN binding, RFC 8489), so that two apps behind
// routers can find a direct road without asking a stranger's server. Keeps nothing, writes nothing down.

import { createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';

const HEADER_BYTES = 20;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const MAGIC_COOKIE = 0x2112a442;
const XOR_MAPPED_ADDRESS = 0x0020;
const FINGERPRINT = 0x8028;
const FINGERPRINT_MASK = 0x5354554e;
/** Attributes below this must be understood or the request refused; browsers send none of them to a server. */
const OPTIONAL_FROM = 0x8000;

/** Browsers send 20 to 60 bytes. A small cap keeps checks cheap and answers larger than any request impossible to farm. */
const MAX_REQUEST_BYTES = 548;

/** Answers a second to one address. A group behind one router joins with about four requests each. */
export const ANSWERS_PER_ADDRESS = 100;
/** Answers a second in all: about 1 % of one old core. */
export const ANSWERS_IN_ALL = 2_000;
/** Counters; two addresses that share one share its allowance. */
const COUNTERS = 4_096;
const WINDOW_MS = 1_000;

export interface Origin {
  readonly address: string;
  readonly port: number;
}

export interface StunOptions {
  /** An address of this machine; `0.0.0.0` or `::` for all. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

export interface Stun {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts to answer. Rejects when the port is taken. */
export async function startStun(options: StunOptions): Promise<Stun> {
  const socket = createSocket({ type: options.host.includes(':') ? 'udp6' : 'udp4' });
  await bind(socket, options);
  const allowance = new Allowance();
  const nextWindow = setInterval(() => allowance.renew(), WINDOW_MS);
  nextWindow.unref();
  socket.on('message', (request: Uint8Array, from: RemoteInfo) => {
    const answer = answerBinding(request, from);
    if (answer === undefined || !allowance.take(from.address)) return;
    // Who cannot be answered asks again; an error here must not stop the others' answers.
    socket.send(answer, from.port, from.address, () => undefined);
  });
  socket.on('error', () => undefined);
  const { port } = socket.address();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let isClosing = false;
  return {
    port,
    close() {
      if (!isClosing) socket.close();
      isClosing = true;
      clearInterval(nextWindow);
      return closed;
    },
  };
}

/** The answer to a binding request, or `undefined` for anything else: a stranger's bytes are not worth a refusal. */
export function answerBinding(request: Uint8Array, from: Origin): Uint8Array | undefined {
  if (!isPlainBindingRequest(request)) return undefined;
  const address = addressBytes(from.address);
  if (address === undefined) return undefined;
  const transaction = request.subarray(8, HEADER_BYTES);
  const value = xorAddress(address, from.port, transaction);
  const answer = new Uint8Array(HEADER_BYTES + 4 + value.length);
  const view = new DataView(answer.buffer);
  view.setUint16(0, BINDING_SUCCESS);
  view.setUint16(2, answer.length - HEADER_BYTES);
  view.setUint32(4, MAGIC_COOKIE);
  answer.set(transaction, 8);
  view.setUint16(HEADER_BYTES, XOR_MAPPED_ADDRESS);
  view.setUint16(HEADER_BYTES + 2, value.length);
  answer.set(value, HEADER_BYTES + 4);
  return answer;
}

/** RFC 8489 §14.2: family, port and address, hidden from routers that rewrite addresses they find in packets. */
export function xorAddress(address: Uint8Array, port: number, transaction: Uint8Array): Uint8Array {
  const mask = new Uint8Array(16);
  new DataView(mask.buffer).setUint32(0, MAGIC_COOKIE);
  mask.set(transaction, 4);
  const value = new Uint8Array(4 + address.length);
  value[1] = address.length === 4 ? 1 : 2;
  new DataView(value.buffer).setUint16(2, port ^ (MAGIC_COOKIE >>> 16));
  address.forEach((byte, at) => (value[4 + at] = byte ^ (mask[at] ?? 0)));
  return value;
}

/**
 * Limits answers without knowing whom it limits: counters are found by a keyed hash whose key is drawn anew for each
 * window, so that not even the memory of this process tells who asked.
 */
export class Allowance {
  readonly #counts = new Uint16Array(COUNTERS);
  #key = randomBytes(32);
  #total = 0;

  /** A new window: everything that was used is given back. */
  renew(): void {
    this.#counts.fill(0);
    this.#key = randomBytes(32);
    this.#total = 0;
  }

  take(address: string): boolean {
    const at = createHmac('sha256', this.#key).update(neighbourhood(address)).digest().readUInt16BE(0) % COUNTERS;
    const used = this.#counts[at] ?? 0;
    if (used >= ANSWERS_PER_ADDRESS || this.#total >= ANSWERS_IN_ALL) return false;
    this.#counts[at] = used + 1;
    this.#total += 1;
    return true;
  }
}

/** One household: an IPv4 address, or the /64 from which one subscriber takes as many IPv6 addresses as they like. */
function neighbourhood(address: string): Uint8Array {
  const bytes = addressBytes(address) ?? new Uint8Array(16);
  return bytes.length === 16 ? bytes.subarray(0, 8) : bytes;
}

/** A binding request with nothing in it that a server would have to understand; a fingerprint, if any, must fit. */
function isPlainBindingRequest(request: Uint8Array): boolean {
  if (request.length < HEADER_BYTES || request.length > MAX_REQUEST_BYTES || request.length % 4 !== 0) return false;
  const view = new DataView(request.buffer, request.byteOffset, request.byteLength);
  if (view.getUint16(0) !== BINDING_REQUEST || view.getUint32(4) !== MAGIC_COOKIE) return false;
  if (view.getUint16(2) !== request.length - HEADER_BYTES) return false;
  let at = HEADER_BYTES;
  while (at < request.length) {
    const type = view.getUint16(at);
    const length = view.getUint16(at + 2);
    const end = at + 4 + Math.ceil(length / 4) * 4;
    if (type < OPTIONAL_FROM || end > request.length) return false;
    if (type === FINGERPRINT) return length === 4 && end === request.length && fingerprintFits(request, view, at);
    at = end;
  }
  return true;
}

/** RFC 8489 §14.7: the CRC of all that comes before the attribute. */
function fingerprintFits(request: Uint8Array, view: DataView, at: number): boolean {
  return view.getUint32(at + 4) === (crc32(request.subarray(0, at)) ^ FINGERPRINT_MASK) >>> 0;
}

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** 4 or 16 bytes. A socket for both families names IPv4 askers `::ffff:1.2.3.4`; they are answered as what they are. */
export function addressBytes(text: string): Uint8Array | undefined {
  const plain = text.split('%')[0] ?? '';
  const dotted = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/i.exec(plain);
  if (dotted !== null) return Uint8Array.from(dotted.slice(1), Number);
  const halves = plain.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const [head = [], tail = []] = halves;
  const missing = 8 - head.length - tail.length;
  if (halves.length > 2 || missing < 0 || (halves.length === 1 && missing !== 0)) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return Uint8Array.from(groups.flatMap((group) => [parseInt(group, 16) >>> 8, parseInt(group, 16) & 0xff]));
}

function bind(socket: Socket, { host, port }: StunOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

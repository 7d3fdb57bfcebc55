// One libp2p stream as a `Link`: whole frames out and in, a bounded queue, one end.

import type { Connection, Stream } from '@libp2p/interface';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { Link, PeerId, Road } from '#core/ports.ts';
import { FrameReader } from './frame-reader.ts';

/** Largest frame. Twice the largest padding bucket of a parcel (128 KiB), so that no honest frame comes near it. */
export const MAX_FRAME_BYTES = 256 * 1024;

/** Unsent bytes over which frames are dropped: about ten seconds of a slow phone uplink, and small beside a page. */
export const MAX_UNSENT_BYTES = 1024 * 1024;

/** How long a goodbye may take to leave before the connection is cut. */
const FAREWELL_MS = 500;

/** How a link runs. Limits prove nothing (our relay lifts them); only the browser's own multiplexer does. */
export function roadOf(connection: Connection): Road {
  return connection.multiplexer === '/webrtc' ? 'direct' : 'relayed';
}

/** `self`: our own `close`, goodbye delivered. `other`: the other end closed, broke off, or died. */
export type Ending = 'self' | 'other';

export interface FrameLinkOptions {
  readonly stream: Stream;
  readonly connection: Connection;
  /** Called once when the link has ended, and who ended it: for whoever counts the links of a connection. */
  readonly onended: (link: FrameLink, by: Ending) => void;
}

/**
 * Invariants: 1. frames arrive whole, in the order of the stream, never before someone listens. 2. `onclose` is called
 * at most once and never after our own `close`. 3. `send` never waits.
 */
export class FrameLink implements Link {
  readonly remote: PeerId;
  readonly road: Road;
  readonly connection: Connection;
  readonly #stream: Stream;
  readonly #onended: (link: FrameLink, by: Ending) => void;
  #onframe: ((frame: Bytes) => void) | undefined;
  #onclose: (() => void) | undefined;
  #isReading = false;
  #state: 'open' | 'ended' | 'told' | 'closed' = 'open';

  constructor(options: FrameLinkOptions) {
    this.connection = options.connection;
    this.remote = options.connection.remotePeer.toString() as PeerId;
    this.road = roadOf(options.connection);
    this.#stream = options.stream;
    this.#onended = options.onended;
    // While reading, what came before the end was handed out before the stream says so.
    const end = (): void => this.#end();
    this.#stream.addEventListener('close', end, { once: true });
    this.#stream.addEventListener('remoteCloseWrite', end, { once: true });
    if (this.#stream.status !== 'open') this.#end();
  }

  get onframe(): ((frame: Bytes) => void) | undefined {
    return this.#onframe;
  }

  /** Reading starts when someone listens: what came earlier waits in the stream (invariant 1). */
  set onframe(listener: ((frame: Bytes) => void) | undefined) {
    this.#onframe = listener;
    if (listener !== undefined && !this.#isReading) {
      this.#isReading = true;
      this.#read();
    }
  }

  get onclose(): (() => void) | undefined {
    return this.#onclose;
  }

  /** A link may end before anyone could listen; whoever listens then is told all the same. */
  set onclose(listener: (() => void) | undefined) {
    this.#onclose = listener;
    if (this.#state === 'ended' && listener !== undefined) queueMicrotask(() => this.#tell());
  }

  send(frame: Uint8Array): boolean {
    if (this.#state !== 'open' || frame.length > MAX_FRAME_BYTES) return false;
    if (this.#stream.writeBufferLength + frame.length > MAX_UNSENT_BYTES) return false;
    try {
      this.#stream.send(withLength(frame));
      return true;
    } catch {
      // The stream closed between its event and ours; the frame is dropped as on any closed link.
      return false;
    }
  }

  close(): void {
    void this.farewell();
  }

  /** `close`, and resolves when what was sent has left, or after a short patience. */
  async farewell(): Promise<void> {
    if (this.#state === 'closed') return;
    const hadEnded = this.#state !== 'open';
    this.#state = 'closed';
    if (hadEnded) return;
    try {
      await this.#stream.close({ signal: AbortSignal.timeout(FAREWELL_MS) });
    } catch (cause) {
      this.#stream.abort(cause instanceof Error ? cause : new Error('closed'));
    }
    this.#onended(this, 'self');
  }

  #read(): void {
    const reader = new FrameReader(MAX_FRAME_BYTES, (frame) => {
      if (this.#state !== 'closed') this.#onframe?.(frame);
    });
    this.#stream.addEventListener('message', ({ data }) => {
      try {
        reader.take(data instanceof Uint8Array ? data : data.subarray());
      } catch (cause) {
        // The other end broke the framing: nothing after that can be read rightly.
        this.#stream.abort(cause instanceof Error ? cause : new Error('framing'));
        this.#end();
      }
    });
  }

  #end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    if (this.#stream.status === 'open') this.#stream.abort(new Error('the other end closed'));
    this.#onended(this, 'other');
    this.#tell();
  }

  #tell(): void {
    if (this.#state !== 'ended' || this.#onclose === undefined) return;
    this.#state = 'told';
    this.#onclose();
  }
}

/** Unsigned varint of the length, then the frame: one buffer, so that the caller may reuse theirs. */
function withLength(frame: Uint8Array): Bytes {
  const prefix: number[] = [];
  let rest = frame.length;
  while (rest >= 0x80) {
    prefix.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  prefix.push(rest);
  const whole = new Uint8Array(prefix.length + frame.length);
  whole.set(prefix);
  whole.set(frame, prefix.length);
  return whole;
}

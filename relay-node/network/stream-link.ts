// A libp2p stream as a link: frames with their length in front, dropped when the other end reads too slowly.

import type { Connection, Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { Link, PeerId } from '#core/ports.ts';

/** As in apps: twice the largest frame anyone has a reason to send. */
const MAX_FRAME_BYTES = 256 * 1_024;
/** Unsent bytes over which frames are dropped. A slow reader costs the relay node no more than this. */
const MAX_UNSENT_BYTES = 1_024 * 1_024;

/** Reads until the stream ends; `onclose` is called once, and not for our own `close`. */
export class StreamLink implements Link {
  readonly remote: PeerId;
  readonly road = 'relayed' as const;
  onframe: ((frame: Bytes) => void) | undefined;
  onclose: (() => void) | undefined;
  readonly #stream: Stream;
  #isOpen = true;

  constructor(stream: Stream, connection: Connection) {
    this.#stream = stream;
    this.remote = connection.remotePeer.toString() as PeerId;
    stream.addEventListener('close', () => this.#end(), { once: true });
  }

  /** Hands over frames as they come. Call once, after `onframe` and `onclose` are set. */
  async read(): Promise<void> {
    const frames = lpStream(this.#stream, { maxDataLength: MAX_FRAME_BYTES });
    try {
      while (this.#isOpen) {
        const frame = await frames.read();
        this.onframe?.(new Uint8Array(frame.subarray()));
      }
    } catch (cause) {
      // The stream ended, or what came was not framed: nothing after that can be read rightly.
      if (this.#stream.status === 'open') this.#stream.abort(cause instanceof Error ? cause : new Error('framing'));
      this.#end();
    }
  }

  send(frame: Uint8Array): boolean {
    if (!this.#isOpen || this.#stream.status !== 'open') return false;
    if (this.#stream.writeBufferLength + frame.length > MAX_UNSENT_BYTES) return false;
    try {
      this.#stream.send(withLength(frame));
      return true;
    } catch {
      return false; // it closed since we looked
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stream.close().catch((cause: Error) => this.#stream.abort(cause));
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.onclose?.();
  }
}

/** Unsigned varint of the length, then the frame. */
function withLength(frame: Uint8Array): Uint8Array {
  const prefix: number[] = [];
  let rest = frame.length;
  for (; rest >= 0x80; rest >>>= 7) prefix.push((rest & 0x7f) | 0x80);
  prefix.push(rest);
  const whole = new Uint8Array(prefix.length + frame.length);
  whole.set(prefix);
  whole.set(frame, prefix.length);
  return whole;
}

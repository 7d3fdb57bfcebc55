// Who has a document open now and where their cursors are, as the Awareness that editors read. What travels is our own
// small structure, sealed by the link; nothing others send is shown as a name.

import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding';
import { Awareness, applyAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness';
import { createRelativePositionFromJSON, relativePositionToJSON } from 'yjs';
import type { DeviceId } from '#core/charter/ids.ts';
import { clientIdOf } from '#core/docs/client-id.ts';
import {
  decodePresence,
  encodePresence,
  type Caret,
  type Presence as Wire,
  type StructId,
} from '#core/docs/presence.ts';
import type { DocumentsHost, FleetingEvent, SpaceFacts } from '../space-content.ts';
import { cursorColour } from './cursor-colour.ts';
import type { LiveDocument } from './live-document.ts';

/** Origin of what others sent; the editor's own changes come as `local`. */
const FROM_OTHERS = 'others';

interface Change {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

export interface PresencePorts {
  readonly host: DocumentsHost;
  facts(): SpaceFacts;
  /** A number higher than all before in this session: a document closed and opened again goes on counting. */
  count(): number;
}

export class Presence {
  readonly awareness: Awareness;
  readonly #live: LiveDocument;
  readonly #host: DocumentsHost;
  readonly #facts: () => SpaceFacts;
  readonly #count: () => number;
  readonly #stop: () => void;
  /** One clientID for each device: whoever draws incarnations at will still has one cursor. */
  readonly #others = new Map<DeviceId, number>();

  constructor(live: LiveDocument, ports: PresencePorts) {
    this.#live = live;
    this.#host = ports.host;
    this.#facts = ports.facts;
    this.#count = ports.count;
    const { host } = ports;
    this.awareness = new Awareness(live.doc);
    this.awareness.on('update', (_change: Change, origin: unknown) => {
      if (origin === 'local') this.#send();
    });
    this.#stop = host.contents.listenFleeting((event) => this.#hear(event));
    this.#send();
  }

  close(): void {
    this.awareness.setLocalState(null);
    this.#stop();
    this.awareness.destroy();
  }

  #send(): void {
    const { awareness } = this;
    const state = awareness.getLocalState() as { readonly cursor?: unknown } | null;
    const { space, incarnation } = this.#facts();
    const presence: Wire = {
      document: this.#live.id,
      incarnation,
      number: this.#count(),
      is: state === null ? 'gone' : 'here',
      selection: selectionOf(state?.cursor),
    };
    this.#host.contents.sendFleeting(space, encodePresence(presence));
  }

  #hear(event: FleetingEvent): void {
    const { space } = this.#facts();
    if (event.space !== space) return;
    if (event.is === 'payload') {
      const presence = decodeOrNothing(event.payload);
      if (presence?.document === this.#live.id) this.#show(event.device, presence);
    } else if (event.is === 'here') this.#send();
    else this.#forget(event.device);
  }

  #show(device: DeviceId, presence: Wire): void {
    const client = clientIdOf({ device, incarnation: presence.incarnation }, this.#live.id);
    if (client === this.awareness.clientID) return;
    const isNew = this.#others.get(device) !== client;
    if (presence.is === 'gone') {
      if (!isNew) this.#forget(device);
      return;
    }
    if (isNew) this.#forget(device);
    this.#others.set(device, client);
    const state = {
      user: { name: this.#host.contents.nameOf(this.#facts().space, device), color: cursorColour(client) },
      cursor: presence.selection === undefined ? null : cursorOf(presence.selection),
    };
    const encoder = createEncoder();
    writeVarUint(encoder, 1);
    writeVarUint(encoder, client);
    writeVarUint(encoder, presence.number);
    writeVarString(encoder, JSON.stringify(state));
    try {
      applyAwarenessUpdate(this.awareness, toUint8Array(encoder), FROM_OTHERS);
    } catch {
      this.#host.logger.count('documents', 'presence-listener-threw');
    }
    // They have just opened it and do not know of us.
    if (isNew) this.#send();
  }

  #forget(device: DeviceId): void {
    const client = this.#others.get(device);
    if (client === undefined) return;
    this.#others.delete(device);
    removeAwarenessStates(this.awareness, [client], FROM_OTHERS);
  }
}

interface PositionJson {
  readonly item?: StructId | null;
  readonly type?: StructId | null;
  readonly tname?: string | null;
  readonly assoc?: number;
}

function selectionOf(cursor: unknown): Wire['selection'] {
  if (typeof cursor !== 'object' || cursor === null) return undefined;
  const { anchor, head } = cursor as { readonly anchor?: unknown; readonly head?: unknown };
  const [from, to] = [caretOf(anchor), caretOf(head)];
  return from === undefined || to === undefined ? undefined : { anchor: from, head: to };
}

function caretOf(position: unknown): Caret | undefined {
  if (typeof position !== 'object' || position === null) return undefined;
  // The editor stores Yjs's own objects, or what JSON made of them.
  const json = relativePositionToJSON(createRelativePositionFromJSON(position)) as PositionJson;
  return { item: json.item ?? undefined, type: json.type ?? undefined, leftward: (json.assoc ?? 0) < 0 };
}

function cursorOf({ anchor, head }: NonNullable<Wire['selection']>): object {
  return { anchor: positionOf(anchor), head: positionOf(head) };
}

function positionOf({ item, type, leftward }: Caret): PositionJson {
  return {
    item: item ?? null,
    type: type ?? null,
    // Yjs makes a root of any name it is given, so the name does not travel.
    tname: item === undefined && type === undefined ? 'body' : null,
    assoc: leftward ? -1 : 0,
  };
}

function decodeOrNothing(payload: Uint8Array): Wire | undefined {
  try {
    return decodePresence(payload);
  } catch {
    return undefined;
  }
}

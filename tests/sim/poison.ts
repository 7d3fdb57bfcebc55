// What a hostile contact sends: docUpdates no editor makes and chat about others' messages. All carry EVIL where anything
// of them would show.

import { encodeChatBody } from '#core/chat/body.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { MessageId } from '#core/charter/ids.ts';
import { clientIdOf, type Author } from '#core/docs/client-id.ts';
import { decodeDocUpdate, encodeDocUpdate, type DocumentId } from '#core/docs/doc-update.ts';
import type { Millis } from '#core/ports.ts';
import type { ContentMessage } from '#app/space-content.ts';
import type { Dice } from './dice.ts';

export const EVIL = 'EVIL';

export interface Poison {
  readonly name: string;
  readonly bodies: readonly { readonly kind: string; readonly body: Bytes }[];
}

export interface Target {
  /** Messages about documents that were seen in the space. */
  readonly seen: readonly ContentMessage[];
  /** The forger's own chain. */
  readonly author: Author;
  /** Where the forger's own clock stands in a document: what is forged there fails by its content alone. */
  nextClock(document: DocumentId): number;
  /** A chat message of the other person. */
  readonly message: MessageId | undefined;
}

interface Aim {
  readonly dice: Dice;
  readonly document: DocumentId;
  /** ClientIDs of the victim and of the forger in that document. */
  readonly victim: number;
  readonly own: number;
  readonly next: number;
}

type Forgery = (aim: Aim) => readonly Bytes[];

const FORGERIES: Readonly<Record<string, Forgery>> = {
  'clock pushed out of reach': ({ victim }) => [structs(victim, 0, [0x00, ...uint(2 ** 40)])],
  'second content under a clock': ({ victim }) => [structs(victim, 0, evilParagraph())],
  'gap in the own clock': ({ own, next }) => [structs(own, next + 900_000, evilParagraph())],
  'flood of orphans': ({ own, next, victim, dice }) =>
    Array.from({ length: 12 }, () =>
      structs(own, next, [0x84, ...uint(victim), ...uint(9_000_000 + dice.roll(999)), ...text(EVIL)]),
    ),
  'deletion of what is not typed yet': ({ victim, dice }) => [
    new Uint8Array([0, 1, ...uint(victim), 1, ...uint(5_000 + dice.roll(5_000)), ...uint(100_000)]),
  ],
  'nesting without end': ({ own, next }) => [
    structs(
      own,
      0,
      ...Array.from({ length: 900 }, (_, i) =>
        i === 0 ? evilParagraph() : [0x07, 0, ...uint(own), ...uint(next + i - 1), 6],
      ),
    ),
  ],
  'key of a prototype': ({ own, next }) => [
    structs(own, next, [0x28, 1, ...text('meta'), ...text('__proto__'), 1, 119, ...text(EVIL)]),
  ],
  'root of its own': ({ own, next }) => [structs(own, next, [0x07, 1, ...text(EVIL), 3, ...text('p')])],
  'text among elements': ({ own, next }) => [structs(own, next, [0x04, 1, ...text('body'), ...text(EVIL)])],
  'bytes of the second encoding': () => [
    new Uint8Array([0, 0, 1, 5, 0, 0, 1, 0, 2, 1, 0, 0, 0, 1, 1, 1, ...uint(2 ** 49), 0, 0]),
  ],
  noise: ({ dice }) => [dice.bytes(dice.between(1, 300))],
};

export function poison(dice: Dice, target: Target): Poison {
  const victims = target.seen.filter((message) => !message.mine);
  if (victims.length === 0 || dice.chance(0.2)) return aboutChat(dice, target);
  const last = dice.pick(victims);
  const document = documentOf(last);
  if (document === undefined) return noise(dice);
  const aim: Aim = {
    dice,
    document,
    victim: clientIdOf({ device: last.author, incarnation: last.incarnation }, document),
    own: clientIdOf(target.author, document),
    next: target.nextClock(document),
  };
  const [name, forge] = dice.pick(Object.entries(FORGERIES));
  const bodies = forge(aim).map((update) => ({
    kind: 'doc.update',
    body: encodeDocUpdate({ document, schema: 1, update }),
  }));
  return { name, bodies };
}

function aboutChat(dice: Dice, { message }: Target): Poison {
  if (message === undefined) return noise(dice);
  if (dice.chance(0.5)) {
    return {
      name: 'delete for another',
      bodies: [{ kind: 'delete', body: encodeChatBody({ kind: 'delete', target: message }) }],
    };
  }
  const body = encodeChatBody({ kind: 'edit', target: message, text: EVIL, at: 0 as Millis });
  return { name: 'edit for another', bodies: [{ kind: 'edit', body }] };
}

function noise(dice: Dice): Poison {
  return {
    name: 'noise',
    bodies: [{ kind: dice.pick(['doc.update', 'chat', 'edit', 'receipt']), body: dice.bytes(40) }],
  };
}

function documentOf(message: ContentMessage): DocumentId | undefined {
  try {
    return decodeDocUpdate(message.body).document;
  } catch {
    return undefined;
  }
}

/* ---------- docUpdates by hand (Yjs, V1) ---------- */

function structs(client: number, clock: number, ...items: readonly number[][]): Bytes {
  return new Uint8Array([1, ...uint(items.length), ...uint(client), ...uint(clock), ...items.flat(), 0]);
}

function evilParagraph(): number[] {
  return [0x07, 1, ...text('body'), 3, ...text(EVIL)];
}

function uint(number: number): number[] {
  const bytes: number[] = [];
  let rest = number;
  while (rest > 127) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...uint(bytes.length), ...bytes];
}

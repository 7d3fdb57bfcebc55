// Bodies of chat messages: the quick reader says what the general decoder says.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MessageId } from '#core/charter/ids.ts';
import type { Millis } from '#core/ports.ts';
import { encode } from '#core/wire/cbor.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { readAnyBody, decodeChatBody, encodeChatBody, type ChatBody } from './body.ts';

const chats = fc.record({
  kind: fc.constant('chat' as const),
  text: fc.oneof(fc.string(), fc.string({ unit: 'grapheme', minLength: 20, maxLength: 300 })),
  at: fc.oneof(fc.nat(), fc.constantFrom(0, 23, 24, 255, 256, 65_536, 2 ** 32, 2 ** 40)) as fc.Arbitrary<Millis>,
  replyTo: fc.option(fc.constant('ab'.repeat(32) as MessageId), { nil: undefined }),
}) satisfies fc.Arbitrary<ChatBody>;

function verdict(decode: () => ChatBody): ChatBody | string {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof WireError) return cause.fault;
    throw cause;
  }
}

test('a chat body read quickly is what the general decoder reads, whatever was done to its bytes', () => {
  const changes = fc.array(fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 255 })), { maxLength: 2 });
  fc.assert(
    fc.property(chats, changes, fc.integer({ min: -2, max: 2 }), (body, changed, longer) => {
      const whole = encodeChatBody(body);
      const bytes = new Uint8Array(Math.max(0, whole.length + (changed.length === 0 ? 0 : longer)));
      bytes.set(whole.subarray(0, bytes.length));
      for (const [at, byte] of changed) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      expect(verdict(() => decodeChatBody('chat', bytes))).toEqual(verdict(() => readAnyBody('chat', bytes)));
    }),
    { numRuns: 3_000 },
  );
});

test('keys that are more, fewer or others than a chat body has are refused as the general decoder refuses them', () => {
  const at = 1;
  const bodies = [
    { v: 1, at },
    { v: 1, at, text: 'x', extra: 1 },
    { v: 1, at, text: 'x', reply: new Uint8Array(31) },
    { v: 2, at, text: 'x' },
    { v: 1, at, text: '\uFEFF' },
    { v: 1, at, tent: 'x' },
    {},
  ];
  for (const body of bodies) {
    const bytes = encode(body);
    const general = verdict(() => readAnyBody('chat', bytes));
    expect(verdict(() => decodeChatBody('chat', bytes))).toEqual(general);
  }
});

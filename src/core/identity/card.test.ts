// Cards from hand to hand: genuine ones read, every way of being wrong told apart, answers that only the card opens.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '../bytes/bytes.ts';
import { makeProductionSuite } from '../crypto/production-suite.ts';
import { COINS_BYTES, SealFault, WRAP_OVERHEAD, type Seed } from '../crypto/suite.ts';
import type { RelayAddress } from '../ports.ts';
import { BUCKETS } from '../wire/padding.ts';
import { openAnswer, sealAnswer, tryOpenAnswer, type Answer } from './answer.ts';
import { cardCode, decodeCardCode, readCardCode } from './card-code.ts';
import { cardTopicSeed, decodeCard, encodeCard, isCardGenuine, makeCard } from './card.ts';
import { safetyNumber } from './safety-number.ts';

const suite = makeProductionSuite();
const bytes = (length: number, first = 0) => Uint8Array.from({ length }, (_, i) => (first + i) & 255);
const secrets = { signingSeed: bytes(32, 1) as Seed, sealingSeed: bytes(32, 2) as Seed, secret: bytes(32, 3) };
const RELAY = 'wss://relay.example/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp' as RelayAddress;
const TODAY = 20_000;
const theirs = await suite.signingKeyOf(bytes(32, 60) as Seed);
const card = await makeCard(suite, secrets, { relays: [RELAY], expiryDay: TODAY });
const answer: Answer = {
  genesis: bytes(300),
  ops: [bytes(200)],
  wraps: [bytes(90)],
  record: bytes(1_400),
  name: 'Zoë',
};

describe('a card', () => {
  it('reads back from its bytes and its code, with the same id', async () => {
    expect(decodeCard(encodeCard(card))).toEqual(card);
    expect(await readCardCode(suite, cardCode(card), TODAY)).toEqual({ is: 'card', card });
  });

  it('holds no name and fits a QR code', () => {
    expect(cardCode(card).length).toBeLessThan(700);
  });

  it('keeps its id when it is signed anew, since some browsers sign at random', async () => {
    const again = { ...card, signature: card.signature.slice().fill(1) };
    expect(decodeCard(encodeCard(again as typeof card)).id).toBe(card.id);
  });

  it('with more relays than allowed is not made', async () => {
    const relays = [RELAY, RELAY, RELAY, RELAY, RELAY];
    await expect(makeCard(suite, secrets, { relays, expiryDay: TODAY })).rejects.toThrow('card: too-many');
  });

  it('is not genuine under a key of small order, whatever it signs', async () => {
    const forged = { ...card, card: { ...card.card, signingKey: bytes(32).fill(0) as typeof card.card.signingKey } };
    expect(await isCardGenuine(suite, forged)).toBe(false);
  });
});

describe('a code', () => {
  const code = cardCode(card);

  it('is expired on the day after its last, and not before', async () => {
    expect((await readCardCode(suite, code, TODAY)).is).toBe('card');
    expect(await readCardCode(suite, code, TODAY + 1)).toEqual({ is: 'expired', card });
  });

  it('with a forged signature and a right checksum is damaged', async () => {
    const forged = cardCode({ ...card, signature: card.signature.slice().fill(7) as typeof card.signature });
    expect(typeof decodeCardCode(forged)).toBe('object');
    expect(await readCardCode(suite, forged, TODAY)).toEqual({ is: 'damaged' });
  });

  it('cut anywhere is cut, never damaged or foreign', () => {
    for (let length = 1; length < code.length; length++) expect(decodeCardCode(code.slice(0, length))).toBe('cut');
  });

  it('with one letter changed never reads, wherever that is', () => {
    for (let at = 3; at < code.length; at++) {
      const changed = code.slice(0, at) + (code[at] === 'Q' ? 'R' : 'Q') + code.slice(at + 1);
      expect(['cut', 'damaged'], `letter ${at}`).toContain(decodeCardCode(changed));
    }
  });

  it('is found in links and messages, also when a mail program broke the line', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: code.length - 1 }), fc.constantFrom('\n', '\r\n ', ' '), (at, gap) => {
        const text = `Here is my card: https://relay.example/#/c/${code.slice(0, at)}${gap}${code.slice(at)} see you!`;
        expect((decodeCardCode(text) as typeof card).id).toBe(card.id);
      }),
    );
  });

  it('reads any text without throwing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => `dXMx${text}`),
        ),
        (text) => {
          expect(typeof decodeCardCode(text)).toBe('string');
        },
      ),
    );
  });
});

describe('an answer', () => {
  const inviter = { id: card.id, sealingSeed: secrets.sealingSeed, secret: secrets.secret };
  const coins = bytes(COINS_BYTES, 9);

  it('opens for who made the card, and fills a bucket', async () => {
    const sealed = await sealAnswer(suite, card, { answer, coins });
    expect(BUCKETS as readonly number[]).toContain(sealed.length);
    expect(await openAnswer(suite, inviter, sealed)).toEqual(answer);
  });

  it('opens for nobody else', async () => {
    const sealed = await sealAnswer(suite, card, { answer, coins });
    const others = [
      { ...inviter, sealingSeed: bytes(32, 77) as Seed },
      { ...inviter, secret: bytes(32, 78) },
      { ...inviter, id: 'ab'.repeat(32) as typeof card.id },
    ];
    for (const other of others) await expect(openAnswer(suite, other, sealed)).rejects.toBeInstanceOf(SealFault);
  });

  it('sealed by somebody who knows the public keys but not the secret does not open', async () => {
    const guessed = { ...card, card: { ...card.card, secret: bytes(32, 99) } };
    const sealed = await sealAnswer(suite, guessed, { answer, coins });
    expect(await tryOpenAnswer(suite, inviter, sealed)).toBeUndefined();
  });

  it('that is junk is no answer', async () => {
    expect(await tryOpenAnswer(suite, inviter, new Uint8Array(512))).toBeUndefined();
    expect(await tryOpenAnswer(suite, inviter, new Uint8Array(3))).toBeUndefined();
    const padded = new Uint8Array(BUCKETS[0] - WRAP_OVERHEAD[2]);
    const empty = await suite.wrap(card.card.sealingKey, padded, {
      label: 'answer',
      associated: hex.decode(card.id)!,
      psk: secrets.secret,
      coins,
    });
    expect(await tryOpenAnswer(suite, inviter, empty)).toBeUndefined();
  });

  it('waits at a topic that both ends derive and nobody without the secret', () => {
    expect(cardTopicSeed(card.card, card.id)).toEqual(cardTopicSeed({ secret: secrets.secret }, card.id));
    expect(cardTopicSeed({ secret: bytes(32, 4) }, card.id)).not.toEqual(cardTopicSeed(card.card, card.id));
  });
});

describe('a safety number', () => {
  const ours = card.card.signingKey;
  const space = bytes(32, 50);

  it('is the same at both ends: 12 groups of 5 digits', () => {
    expect(safetyNumber(space, [ours, theirs])).toMatch(/^\d{5}( \d{5}){11}$/u);
    expect(safetyNumber(space, [ours, theirs])).toBe(safetyNumber(space, [theirs, ours]));
  });

  it('differs for another key or another space', () => {
    const numbers = [
      safetyNumber(space, [ours, theirs]),
      safetyNumber(bytes(32, 51), [ours, theirs]),
      safetyNumber(space, [ours, ours]),
    ];
    expect(new Set(numbers).size).toBe(3);
  });

  it('is this one (a vector, computed by another program too)', () => {
    expect(safetyNumber(bytes(32), [bytes(32, 1) as typeof ours, bytes(32, 2) as typeof ours])).toBe(VECTOR);
  });
});

/** HKDF-SHA256(keys in order, salt = space id, info = `us/safety-number/v1` ‖ 0x00), five bytes for five digits. */
const VECTOR = '26949 60487 88626 72799 23011 56443 95228 60185 59907 82879 24199 62458';

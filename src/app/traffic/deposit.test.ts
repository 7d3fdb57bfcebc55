// Several envelopes at a relay node: not one after the other, and not all where it is full.

import { expect, test } from 'vitest';
import type { DepositAnswer, MailboxClient } from '#core/mailbox/client.ts';
import type { Envelope } from '#core/wire/envelope.ts';
import { deposit } from './deposit.ts';

class Slow {
  readonly asked: ((answer: DepositAnswer) => void)[] = [];

  deposit = (): Promise<DepositAnswer> => new Promise((answer) => this.asked.push(answer));

  async answer(with_: DepositAnswer): Promise<void> {
    for (const answer of this.asked.splice(0)) answer(with_);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

const envelopes = (count: number): Envelope[] => Array.from({ length: count }, () => ({}) as Envelope);

test('the next envelopes do not wait until the first one is stored', async () => {
  const relay = new Slow();
  const done = deposit(relay as unknown as MailboxClient, envelopes(3));
  expect(relay.asked).toHaveLength(3);
  await relay.answer('stored');
  expect(await done).toBe(true);
});

test('a relay node that is full is not sent all of many', async () => {
  const relay = new Slow();
  const done = deposit(relay as unknown as MailboxClient, envelopes(100));
  expect(relay.asked.length).toBeLessThan(10);
  await relay.answer('topic-full');
  expect(await done).toBe(false);
  expect(relay.asked).toEqual([]);
});

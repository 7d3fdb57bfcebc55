// Takes a person's second device in, over a network in memory.

import { expect } from 'vitest';
import type { SessionWorld, TestPerson } from './session-world.ts';

/** Shows a code on one device and asks with the other; gives the number. Ends before the other is let in. */
export async function asked(world: SessionWorld, first: TestPerson, second: TestPerson): Promise<string> {
  expect(await world.during(first.session.ownDevices.showCode('right'))).toBe('shown');
  const offer = first.session.ownDevices.offer.current;
  if (offer.is !== 'open') throw new Error(offer.is);
  await world.pass(500);
  expect(await world.during(second.session.ownDevices.join(offer.code, 'Kitchen laptop'))).toBe('asked');
  await world.pass(1_000);
  const joining = second.session.ownDevices.joining.current;
  if (joining.is !== 'asking') throw new Error(joining.is);
  return joining.number;
}

/** Lets it in and waits; a group takes its time. */
export async function linked(world: SessionWorld, first: TestPerson, second: TestPerson, wait = 25_000): Promise<void> {
  const number = await asked(world, first, second);
  expect(await world.during(first.session.ownDevices.confirm(number))).toBe('confirmed');
  await world.pass(wait);
}

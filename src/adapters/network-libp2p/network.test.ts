// The network in Node, over a real relay on loopback: links, policies, and how they end. What only a browser can show
// (the direct road of Chromium and Firefox) is in tests/e2e/network.

import { afterEach, describe, expect, test } from 'vitest';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { Link, Meeting, Network, RelayAddress } from '#core/ports.ts';
import { startScratchRelay } from '#tests/e2e/network/scratch-relay.ts';
import type { ScratchRelay, ScratchRelayOptions } from '#tests/e2e/network/scratch-relay.ts';
import { MAX_FRAME_BYTES, MAX_UNSENT_BYTES } from './frame-link.ts';
import { createNetwork } from './network.ts';
import { discoverRelay } from './relay-discovery.ts';

const patience = new AbortController().signal;
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

describe('a mailbox link', () => {
  test('carries frames of every size, whole and in order', async () => {
    const relay = await startRelay();
    const link = await (await person()).openMailbox(relay.address, patience);
    const sent = [1, 127, 128, 16_383, 16_384, MAX_FRAME_BYTES].map((length) => filled(length));
    const received = collect(link, sent.length);
    for (const frame of sent) expect(link.send(frame)).toBe(true);
    expect((await received).map(fingerprint)).toEqual(sent.map(fingerprint));
    expect(link.road).toBe('relayed');
  });

  test('refuses a frame over the limit and goes on', async () => {
    const relay = await startRelay();
    const link = await (await person()).openMailbox(relay.address, patience);
    const received = collect(link, 1);
    expect(link.send(new Uint8Array(MAX_FRAME_BYTES + 1))).toBe(false);
    expect(link.send(filled(3))).toBe(true);
    expect(await received).toHaveLength(1);
  });

  test('to nobody is refused', async () => {
    const relay = await startRelay();
    await relay.close();
    const alice = await person();
    await expect(alice.openMailbox(relay.address, patience)).rejects.toThrow();
  });

  test('to a relay that is not the one named is refused: the peer id is proved', async () => {
    const [relay, other] = [await startRelay(), await startRelay()];
    const forged = relay.address.replace(/12D3KooW\w+/, /12D3KooW\w+/.exec(other.address)?.[0] ?? '') as RelayAddress;
    await expect((await person()).openMailbox(forged, patience)).rejects.toThrow();
  });

  test('ends when the relay goes, and can be opened again when it is back at its place', async () => {
    const relay = await startRelay();
    const alice = await person();
    const link = await alice.openMailbox(relay.address, patience);
    const ended = new Promise<void>((resolve) => (link.onclose = resolve));
    await relay.close();
    await ended;
    expect(link.send(filled(1))).toBe(false);
    const again = await startRelay({ port: relay.port, key: relay.key });
    expect(again.address.split('?')[0]).toBe(relay.address.split('?')[0]);
    const [bob, link2] = [await person(), await alice.openMailbox(relay.address, patience)];
    link2.onframe = () => undefined;
    await bob.openMailbox(again.address, patience);
    const arrived = nextPeer(alice);
    await bob.openPeer({ peer: alice.self, relays: [again.address] }, 'relays', patience);
    expect((await arrived).remote).toBe(bob.self);
  });

  test('stops being opened when the person gives up', async () => {
    const relay = await startRelay();
    const giveUp = new AbortController();
    const opening = (await person()).openMailbox(relay.address, giveUp.signal);
    giveUp.abort();
    await expect(opening).rejects.toThrow();
  });
});

describe('a link to another device', () => {
  test('under policy relays goes through the relay, both ways', async () => {
    const { alice, bob, meeting } = await pair();
    const arrived = nextPeer(bob);
    const link = await alice.openPeer(meeting, 'relays', patience);
    const answer = await arrived;
    expect([link.road, answer.road]).toEqual(['relayed', 'relayed']);
    expect([link.remote, answer.remote]).toEqual([bob.self, alice.self]);
    const [toBob, toAlice] = [collect(answer, 1), collect(link, 1)];
    link.send(filled(10));
    answer.send(filled(20));
    expect([(await toBob)[0]?.length, (await toAlice)[0]?.length]).toEqual([10, 20]);
  });

  test('delivers what was sent just before it was closed', async () => {
    const { alice, bob, meeting } = await pair();
    const arrived = nextPeer(bob);
    const link = await alice.openPeer(meeting, 'relays', patience);
    const answer = await arrived;
    const goodbye = collect(answer, 1);
    const ended = new Promise<void>((resolve) => (answer.onclose = resolve));
    link.send(filled(5));
    link.close();
    expect(await goodbye).toHaveLength(1);
    await ended;
  });

  test('never tells its own closer that it closed', async () => {
    const { alice, bob, meeting } = await pair();
    const arrived = nextPeer(bob);
    const link = await alice.openPeer(meeting, 'relays', patience);
    const other = await arrived;
    let told = 0;
    link.onclose = () => (told += 1);
    const ended = new Promise<void>((resolve) => (other.onclose = resolve));
    link.close();
    await ended;
    expect(told).toBe(0);
    expect(link.send(filled(1))).toBe(false);
  });

  test('keeps what comes before anyone listens', async () => {
    const { alice, bob, meeting } = await pair();
    const arrived = nextPeer(bob);
    const link = await alice.openPeer(meeting, 'relays', patience);
    link.send(filled(7));
    const answer = await arrived;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await collect(answer, 1))[0]?.length).toBe(7);
  });

  test('drops frames and says so when the other end is slow, instead of waiting or growing', async () => {
    const { alice, bob, meeting } = await pair();
    const arrived = nextPeer(bob);
    const link = await alice.openPeer(meeting, 'relays', patience);
    await arrived;
    const attempts = (16 * MAX_UNSENT_BYTES) / MAX_FRAME_BYTES;
    const accepted = Array.from({ length: attempts }, () => link.send(filled(MAX_FRAME_BYTES))).filter(Boolean);
    expect(accepted.length).toBeGreaterThan(0);
    expect(accepted.length).toBeLessThan(attempts);
  });

  test('to someone who is not there is refused at once', async () => {
    const { alice, bob, meeting } = await pair();
    await bob.close();
    await expect(alice.openPeer(meeting, 'relays', patience)).rejects.toThrow();
  });

  test('under policy relays never goes to a relay node that only the other named', async () => {
    const { alice, bob } = await pair();
    const theirs = await startRelay();
    await bob.openMailbox(theirs.address, patience);
    const meeting: Meeting = { peer: bob.self, relays: [theirs.address] };
    await expect(alice.openPeer(meeting, 'relays', patience)).rejects.toThrow('no relay node to meet at');
    expect(theirs.peers()).not.toContain(alice.self);
  });
});

describe('what a person typed', () => {
  test('leads to the relay node behind it, even where nothing can be fetched', async () => {
    const relay = await startRelay();
    const refused = (): Promise<Response> => Promise.reject(new TypeError('blocked'));
    const found = await discoverRelay(`http://127.0.0.1:${relay.port}/`, patience, refused);
    expect(found.split('?')).toEqual([relay.address.split('?')[0], 'stun=3478']);
    await expect.poll(() => relay.peers()).toEqual([]);
  });

  test('is refused when nobody answers there, or something else does', async () => {
    const relay = await startRelay();
    await relay.close();
    const refused = (): Promise<Response> => Promise.reject(new TypeError('blocked'));
    const web = `http://127.0.0.1:${relay.port}/`;
    await expect(discoverRelay(web, patience, refused)).rejects.toMatchObject({ fault: 'unreachable' });
    await expect(discoverRelay('what?', patience, refused)).rejects.toMatchObject({ fault: 'unreadable' });
  });
});

describe('a direct road', () => {
  test('is taken when each named the other', async () => {
    const { alice, bob, meeting, relay } = await pair();
    // Bob names Alice by trying first; either of the two links may turn out the direct one.
    const arrived = nextPeer(bob);
    const back = bob.openPeer({ peer: alice.self, relays: [relay.address] }, 'direct', patience);
    const link = await alice.openPeer(meeting, 'direct', patience);
    expect([link.road, (await back).road]).toEqual(['direct', 'direct']);
    link.send(filled(9));
    expect((await collect(await arrived, 1))[0]?.length).toBe(9);
  });

  test('is refused to who was not named, who stays on the relay', async () => {
    const { alice, bob, meeting } = await pair();
    const arrived = nextPeer(bob);
    const link = await alice.openPeer(meeting, 'direct', patience);
    expect([link.road, (await arrived).road]).toEqual(['relayed', 'relayed']);
  });

  test('is found later by whoever was reached over the relay', async () => {
    const { alice, bob, meeting } = await pair();
    const arrived = nextPeer(bob);
    const first = await alice.openPeer(meeting, 'direct', patience);
    const better = await bob.upgrade((await arrived).remote, patience);
    expect([first.road, better?.road]).toEqual(['relayed', 'direct']);
  });

  test('is not found where the other side keeps to relays, and the link lives on', async () => {
    const { alice, bob, meeting } = await pair();
    const arrived = nextPeer(bob);
    const link = await alice.openPeer(meeting, 'direct', patience);
    const answer = await arrived;
    expect(await alice.upgrade(link.remote, patience)).toBeUndefined();
    link.send(filled(4));
    expect((await collect(answer, 1))[0]?.length).toBe(4);
  });

  test('is answered to who was permitted, though we never called', async () => {
    const { alice, bob, meeting } = await pair();
    bob.permitDirect?.(alice.self);
    expect((await alice.openPeer(meeting, 'direct', patience)).road).toBe('direct');
  });

  test('is given up when the person takes the permission back, and not taken again', async () => {
    const { alice, bob, meeting } = await pair();
    bob.permitDirect?.(alice.self);
    bob.onpeer = () => undefined;
    const direct = await alice.openPeer(meeting, 'direct', patience);
    expect(direct.road).toBe('direct');
    const ended = new Promise<void>((resolve) => (direct.onclose = resolve));
    bob.forbidDirect?.(alice.self);
    await ended;
    expect((await alice.openPeer(meeting, 'direct', patience)).road).toBe('relayed');
  });

  test('does not stand in for the relayed one that policy relays asks for', async () => {
    const { alice, bob, meeting } = await pair();
    bob.permitDirect?.(alice.self);
    bob.onpeer = () => undefined;
    const direct = await alice.openPeer(meeting, 'direct', patience);
    const arrived = nextPeer(bob);
    const relayed = await alice.openPeer(meeting, 'relays', patience);
    expect([direct.road, relayed.road, (await arrived).road]).toEqual(['direct', 'relayed', 'relayed']);
    expect(direct.send(filled(1))).toBe(true);
  });
});

describe('an unlocked session', () => {
  test('has a peer id of its own each time', async () => {
    expect((await person()).self).not.toBe((await person()).self);
  });

  test('says its goodbyes before it closes', async () => {
    const { alice, bob, meeting } = await pair();
    const arrived = nextPeer(bob);
    const link = await alice.openPeer(meeting, 'relays', patience);
    const goodbye = collect(await arrived, 1);
    link.send(filled(6));
    await alice.close();
    expect((await goodbye)[0]?.length).toBe(6);
  });

  test('tells nobody which relay nodes it uses', async () => {
    const [first, second] = [await startRelay(), await startRelay()];
    const alice = await person();
    await alice.openMailbox(first.address, patience);
    await alice.openMailbox(second.address, patience);
    await expect.poll(() => second.knownAddresses(alice.self)).toBeDefined();
    expect(await second.knownAddresses(alice.self)).toEqual([]);
  });

  test('takes twenty friends who come at once', async () => {
    const { alice, bob, relay } = await pair();
    let came = 0;
    bob.onpeer = () => (came += 1);
    const friends = await Promise.all(Array.from({ length: 20 }, person));
    await Promise.all(friends.map((friend) => friend.openMailbox(relay.address, patience)));
    const meeting: Meeting = { peer: bob.self, relays: [relay.address] };
    await Promise.all([alice, ...friends].map((friend) => friend.openPeer(meeting, 'relays', patience)));
    await expect.poll(() => came).toBe(21);
  });

  test('closes and leaves nothing connected', async () => {
    const { alice, bob, meeting, relay } = await pair();
    const arrived = nextPeer(bob);
    await alice.openPeer(meeting, 'relays', patience);
    const answer = await arrived;
    const ended = new Promise<void>((resolve) => (answer.onclose = resolve));
    await alice.close();
    await ended;
    await expect.poll(() => relay.peers()).not.toContain(alice.self);
  });
});

async function startRelay(options: ScratchRelayOptions = {}): Promise<ScratchRelay> {
  const relay = await startScratchRelay(options);
  closing.push(() => relay.close());
  return relay;
}

async function person(): Promise<Network> {
  const network = await createNetwork();
  closing.push(() => network.close());
  return network;
}

async function pair(): Promise<{ alice: Network; bob: Network; relay: ScratchRelay; meeting: Meeting }> {
  const relay = await startRelay();
  const [alice, bob] = await Promise.all([person(), person()]);
  await Promise.all([alice, bob].map((one) => one.openMailbox(relay.address, patience)));
  return { alice, bob, relay, meeting: { peer: bob.self, relays: [relay.address] } };
}

function nextPeer(network: Network): Promise<Link> {
  return new Promise((resolve) => (network.onpeer = resolve));
}

function collect(link: Link, count: number): Promise<Bytes[]> {
  return new Promise((resolve) => {
    const frames: Bytes[] = [];
    link.onframe = (frame) => {
      frames.push(frame);
      if (frames.length === count) resolve(frames);
    };
  });
}

function filled(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 7 + length) & 0xff);
}

function fingerprint(frame: Uint8Array): string {
  return `${frame.length}:${frame.reduce((sum, byte, at) => (sum * 31 + byte + at) >>> 0, 0)}`;
}

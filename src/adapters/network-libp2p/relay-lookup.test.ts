// A web address leads to the relay node behind it, or to a fault that says in one word why not.

import { describe, expect, test } from 'vitest';
import { findRelay, readRelayJson, RelayLookupFault } from './relay-lookup.ts';
import type { Fetch } from './relay-lookup.ts';

const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN';
const signal = new AbortController().signal;

describe('a web address of a relay node', () => {
  test('becomes the address that cards carry', async () => {
    const asked: string[] = [];
    const fetch = answering({ peer: PEER, stun: 3478 }, asked);
    expect(await findRelay('https://relay.example.org/anything', signal, fetch)).toBe(
      `wss://relay.example.org/${PEER}?stun=3478`,
    );
    expect(asked).toEqual(['https://relay.example.org/relay.json']);
  });

  test('over plain http becomes a plain WebSocket, at the port the relay node names', async () => {
    expect(await findRelay('http://127.0.0.1:8080', signal, answering({ peer: PEER, ws: 9001 }))).toBe(
      `ws://127.0.0.1:9001/${PEER}`,
    );
    expect(await findRelay('http://[::1]:8080', signal, answering({ peer: PEER }))).toBe(`ws://[::1]:8080/${PEER}`);
  });

  test('is asked without cookies, referrer, cache or redirects', async () => {
    let init: RequestInit = {};
    const fetch: Fetch = async (_, given) => {
      init = given;
      return Response.json({ peer: PEER });
    };
    await findRelay('https://relay.example.org', signal, fetch);
    expect(init).toMatchObject({
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      redirect: 'error',
    });
  });

  test('is not asked when the text already says everything', async () => {
    const asked: string[] = [];
    expect(await findRelay(`ws://10.0.0.1:8080/${PEER}`, signal, answering({}, asked))).toBe(
      `ws://10.0.0.1:8080/${PEER}`,
    );
    expect(asked).toEqual([]);
  });
});

describe('a fault says', () => {
  test('that the text is no address', async () => {
    await expect(findRelay('somewhere', signal, answering({}))).rejects.toMatchObject({ fault: 'unreadable' });
  });

  test('that nobody answers', async () => {
    const fetch: Fetch = () => Promise.reject(new TypeError('failed'));
    await expect(findRelay('https://relay.example.org', signal, fetch)).rejects.toMatchObject({ fault: 'unreachable' });
  });

  test('that something else answers', async () => {
    const fetch: Fetch = async () => new Response('no', { status: 404 });
    await expect(findRelay('https://example.org', signal, fetch)).rejects.toMatchObject({ fault: 'not-a-relay' });
  });

  test.each([
    ['<!doctype html>'],
    ['null'],
    ['{}'],
    ['{"peer":7}'],
    [`{"peer":"${PEER}","stun":"3478"}`],
    [`{"peer":"${PEER}","ws":0}`],
    [`{"peer":"${PEER}","note":"${'x'.repeat(5_000)}"}`],
  ])('that %s is not what a relay node writes', (text) => {
    expect(() => readRelayJson(text, 'https://example.org')).toThrow(RelayLookupFault);
  });

  test('nothing of the address', async () => {
    const failure = await findRelay('https://secret.example.org', signal, answering({})).catch(
      (cause: unknown) => cause,
    );
    expect(String(failure)).not.toContain('secret');
  });
});

function answering(value: unknown, asked: string[] = []): Fetch {
  return async (url) => {
    asked.push(url);
    return Response.json(value);
  };
}

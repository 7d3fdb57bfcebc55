// Addresses of relay nodes: read strictly, written in one way, and found from a web address.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endpointMultiaddr, formatRelayAddress, parseRelayAddress, stunUrl } from './relay-address.ts';
import type { RelayEndpoint } from './relay-address.ts';
import type { PeerId } from '#core/ports.ts';

const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN' as PeerId;

const endpoints: fc.Arbitrary<RelayEndpoint> = fc.record({
  secure: fc.boolean(),
  host: fc.oneof(fc.domain(), fc.ipV4(), fc.constantFrom('::1', '2001:db8::5', 'localhost')),
  port: fc.integer({ min: 1, max: 65_535 }),
  peer: fc.constant(PEER),
  stunPort: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
});

describe('a relay address', () => {
  test('reads as what was written', () => {
    fc.assert(
      fc.property(endpoints, (endpoint) => {
        expect(parseRelayAddress(formatRelayAddress(endpoint))).toEqual({ is: 'endpoint', endpoint });
      }),
    );
  });

  test('as a multiaddr means the same endpoint', () => {
    fc.assert(
      fc.property(endpoints, (endpoint) => {
        const read = parseRelayAddress(endpointMultiaddr(endpoint));
        expect(read).toEqual({ is: 'endpoint', endpoint: { ...endpoint, stunPort: undefined } });
      }),
    );
  });

  test('stays short enough for a code: under 100 characters for an ordinary name', () => {
    const endpoint = { secure: true, host: 'relay.example.org', port: 443, peer: PEER, stunPort: 3478 };
    expect(formatRelayAddress(endpoint)).toBe(`wss://relay.example.org/${PEER}?stun=3478`);
    expect(formatRelayAddress(endpoint).length).toBeLessThan(100);
  });

  test('may be a web address, of whatever page is open there', () => {
    expect(parseRelayAddress(' https://relay.example.org/x?y#/people ')).toEqual({
      is: 'web',
      origin: 'https://relay.example.org',
    });
    expect(parseRelayAddress('http://127.0.0.1:8080')).toEqual({ is: 'web', origin: 'http://127.0.0.1:8080' });
  });

  test('may be a multiaddr in the older spelling of secure WebSockets', () => {
    const read = parseRelayAddress(`/dns4/relay.example.org/tcp/443/wss/p2p/${PEER}`);
    expect(read).toMatchObject({ is: 'endpoint', endpoint: { secure: true, host: 'relay.example.org', port: 443 } });
  });

  test.each([
    [''],
    ['relay.example.org'],
    ['javascript:alert(1)'],
    ['ftp://relay.example.org'],
    [`wss://relay.example.org`],
    [`wss://relay.example.org/${PEER}x`],
    [`wss://relay.example.org/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N`],
    [`wss://relay.example.org/${PEER}?stun=0`],
    [`wss://relay.example.org/${PEER}?stun=70000`],
    [`wss://relay.example.org/${PEER}?stun=3478&stun=1`],
    [`wss://relay.example.org/${PEER}?turn=3478`],
    [`wss://someone:secret@relay.example.org/${PEER}`],
    [`wss://relay.example.org:0/${PEER}`],
    [`/ip4/127.0.0.1/tcp/80/ws`],
    [`/ip6/127.0.0.1/tcp/80/ws/p2p/${PEER}`],
    [`/dns4/127.0.0.1/tcp/80/ws/p2p/${PEER}`],
    [`/ip4/127.0.0.1/tcp/99999/ws/p2p/${PEER}`],
    [`/ip4/127.0.0.1/tcp/80/ws/p2p/${PEER}/p2p-circuit`],
    [`wss://${'a'.repeat(400)}/${PEER}`],
  ])('is not %s', (text) => {
    expect(parseRelayAddress(text)).toEqual({ is: 'unreadable' });
  });

  test('never throws, whatever is typed', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.webUrl()), (text) => parseRelayAddress(text).is !== undefined));
  });

  test('names the STUN port only when the relay node answers there', () => {
    const endpoint = { secure: false, host: '2001:db8::5', port: 80, peer: PEER, stunPort: 3478 };
    expect(stunUrl(endpoint)).toBe('stun:[2001:db8::5]:3478');
    expect(stunUrl({ ...endpoint, stunPort: undefined })).toBeUndefined();
  });
});

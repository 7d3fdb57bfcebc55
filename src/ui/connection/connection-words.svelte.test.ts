// The line that says how we are connected.
import { describe, expect, it } from 'vitest';
import type { Connection, ContactId } from '#app/api.ts';
import { connectionWords, moodOf } from './connection-words.ts';
import { relayName } from './relay-name.ts';

const none: Connection = { relays: [], directWith: [], relayedWith: [], waiting: 0 };
const relay = (state: Connection['relays'][number]['state']) => ({ address: 'r', state });
const people = ['a', 'b'] as ContactId[];

describe('connectionWords', () => {
  it('says all three things when there are three', () => {
    const words = connectionWords({ ...none, relays: [relay('connected')], directWith: people, waiting: 2 });
    expect(words).toEqual(['Direct with 2', 'relay connected', '2 waiting']);
  });

  it('says offline only when nothing is reached', () => {
    expect(connectionWords({ ...none, relays: [relay('unreachable')], waiting: 4 })).toEqual(['Offline', '4 waiting']);
    expect(connectionWords({ ...none, directWith: people })).toEqual(['Direct with 2', 'no relay']);
    expect(connectionWords({ ...none, relays: [relay('connecting')] })).toEqual(['connecting…']);
  });

  it('has a mood for each', () => {
    expect(moodOf(none)).toBe('offline');
    expect(moodOf({ ...none, directWith: people })).toBe('partly');
    expect(moodOf({ ...none, relays: [relay('connected'), relay('unreachable')] })).toBe('partly');
    expect(moodOf({ ...none, relays: [relay('connected')] })).toBe('good');
  });
});

describe('relayName', () => {
  it('is the host, with its port where that is unusual', () => {
    expect(relayName('/dns4/attic.example/tcp/443/wss/p2p/12D3')).toBe('attic.example');
    expect(relayName('/ip4/192.168.1.7/tcp/4001/ws/p2p/12D3')).toBe('192.168.1.7:4001');
    expect(relayName('something else')).toBe('something else');
  });
});

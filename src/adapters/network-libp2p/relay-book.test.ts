// What others say of relay nodes never changes what we know of ours, nor makes us show our address.

import { describe, expect, test } from 'vitest';
import type { Meeting, PeerId, RelayAddress } from '#core/ports.ts';
import { formatRelayAddress } from './relay-address.ts';
import type { RelayEndpoint } from './relay-address.ts';
import { RelayBook } from './relay-book.ts';

const OURS = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN' as PeerId;
const THEIRS = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5' as PeerId;
const ours: RelayEndpoint = { secure: true, host: 'ours.example.org', port: 443, peer: OURS, stunPort: 3478 };
const theirs: RelayEndpoint = { secure: true, host: 'theirs.example.org', port: 443, peer: THEIRS, stunPort: 1234 };

describe('meeting points', () => {
  test('under policy direct are all that the other named', () => {
    expect(bookWithOurs().meetingPoints(meeting(ours, theirs), 'direct')).toEqual([ours, theirs]);
  });

  test('under policy relays are our own alone', () => {
    expect(bookWithOurs().meetingPoints(meeting(theirs, ours), 'relays')).toEqual([ours]);
  });

  test('never put another host behind the peer id of our relay node', () => {
    const forged = { ...ours, host: 'trap.example.org', stunPort: 6666 };
    const book = bookWithOurs();
    expect(book.meetingPoints(meeting(forged), 'relays')).toEqual([ours]);
    expect(book.meetingPoints(meeting(forged), 'direct')).toEqual([ours]);
    expect(book.stunOf(OURS)).toBe('stun:ours.example.org:3478');
  });

  test('are not looked up, since that shows our address', () => {
    let asked = 0;
    const book = new RelayBook(async () => {
      asked += 1;
      return Response.json({ peer: THEIRS });
    });
    const place: Meeting = { peer: THEIRS, relays: ['https://trap.example.org' as RelayAddress] };
    expect(book.meetingPoints(place, 'direct')).toEqual([]);
    expect(asked).toBe(0);
  });
});

describe('a relay node', () => {
  test('is asked for our outside address only when it is known', () => {
    const book = bookWithOurs();
    expect(book.stunOf(THEIRS)).toBeUndefined();
    book.meetingPoints(meeting(theirs), 'direct');
    expect(book.stunOf(THEIRS)).toBe('stun:theirs.example.org:1234');
  });

  test('of our own is looked up once', async () => {
    let asked = 0;
    const book = new RelayBook(async () => {
      asked += 1;
      return Response.json({ peer: OURS, stun: 3478 });
    });
    const web = 'https://ours.example.org' as RelayAddress;
    const signal = new AbortController().signal;
    expect([await book.find(web, signal), await book.find(web, signal)]).toEqual([ours, ours]);
    expect(asked).toBe(1);
  });
});

function bookWithOurs(): RelayBook {
  const book = new RelayBook();
  book.adopt(ours);
  return book;
}

function meeting(...points: readonly RelayEndpoint[]): Meeting {
  return { peer: THEIRS, relays: points.map(formatRelayAddress) };
}

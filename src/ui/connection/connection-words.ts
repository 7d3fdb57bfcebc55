// How we are connected, in words: a short line for the indicator, from facts of the session.

import type { Connection } from '#app/api.ts';
import { m } from '#texts/messages.js';

export type Mood = 'good' | 'partly' | 'offline';

export function moodOf({ relays, directWith, relayedWith }: Connection): Mood {
  const isRelayed = relays.some(({ state }) => state === 'connected');
  if (isRelayed && relays.every(({ state }) => state === 'connected')) return 'good';
  return isRelayed || directWith.length > 0 || relayedWith.length > 0 ? 'partly' : 'offline';
}

export function connectionWords(connection: Connection): readonly string[] {
  const { relays, directWith, waiting } = connection;
  const words: string[] = [];
  if (directWith.length > 0) words.push(m.connection_direct({ count: directWith.length }));
  if (relays.some(({ state }) => state === 'connected')) words.push(m.connection_relay());
  else if (relays.some(({ state }) => state === 'connecting')) words.push(m.connection_connecting());
  else words.push(directWith.length > 0 ? m.connection_no_relay() : m.connection_offline());
  if (waiting > 0) words.push(m.connection_waiting({ count: waiting }));
  return words;
}

// From the web address of a relay node to the self-contained address that cards carry.

import type { RelayAddress } from '#core/ports.ts';
import { formatRelayAddress, isPort, isRelayPeer, parseRelayAddress } from './relay-address.ts';
import type { RelayEndpoint } from './relay-address.ts';

/** `/relay.json` is under 200 bytes; whoever sends more is not a relay node. */
const MAX_RELAY_JSON_CHARACTERS = 4_096;

/** That a text leads to no relay node. Says nothing of the address: messages may end up in a report. */
export class RelayLookupFault extends Error {
  override readonly name = 'RelayLookupFault';
  readonly fault: 'unreadable' | 'unreachable' | 'not-a-relay';
  constructor(fault: RelayLookupFault['fault'], cause?: unknown) {
    super(`relay look-up: ${fault}`, cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Any form a person may give, to the form a card carries. Asks the relay node only when the text is a web address. */
export async function findRelay(text: string, signal: AbortSignal, fetch?: Fetch): Promise<RelayAddress> {
  return formatRelayAddress(await findEndpoint(text, signal, fetch));
}

export async function findEndpoint(
  text: string,
  signal: AbortSignal,
  fetch: Fetch = (url, init) => globalThis.fetch(url, init),
): Promise<RelayEndpoint> {
  const parsed = parseRelayAddress(text);
  if (parsed.is === 'endpoint') return parsed.endpoint;
  if (parsed.is === 'unreadable') throw new RelayLookupFault('unreadable');
  return readRelayJson(await fetchText(parsed.origin, signal, fetch), parsed.origin);
}

/** What `/relay.json` at `origin` says, checked field by field. */
export function readRelayJson(text: string, origin: string): RelayEndpoint {
  const value = parseObject(text);
  const { peer, stun, ws } = value;
  if (!isRelayPeer(peer)) throw new RelayLookupFault('not-a-relay');
  if (stun !== undefined && !isPort(stun)) throw new RelayLookupFault('not-a-relay');
  if (ws !== undefined && !isPort(ws)) throw new RelayLookupFault('not-a-relay');
  const place = placeOf(origin);
  return { ...place, port: ws ?? place.port, peer, stunPort: stun };
}

/** Where the WebSocket is when the relay node says nothing else: where its pages are. */
export function placeOf(origin: string): Pick<RelayEndpoint, 'secure' | 'host' | 'port'> {
  const url = new URL(origin);
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  return { secure, host, port };
}

function parseObject(text: string): Record<string, unknown> {
  if (text.length > MAX_RELAY_JSON_CHARACTERS) throw new RelayLookupFault('not-a-relay');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw new RelayLookupFault('not-a-relay', cause);
  }
  throw new RelayLookupFault('not-a-relay');
}

async function fetchText(origin: string, signal: AbortSignal, fetch: Fetch): Promise<string> {
  let answer: Response;
  try {
    // No cookies and no referrer: the relay node learns that someone asked, as it does from the WebSocket that follows.
    answer = await fetch(`${origin}/relay.json`, {
      signal,
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      redirect: 'error',
    });
  } catch (cause) {
    throw new RelayLookupFault('unreachable', cause);
  }
  if (!answer.ok) throw new RelayLookupFault('not-a-relay');
  return answer.text();
}

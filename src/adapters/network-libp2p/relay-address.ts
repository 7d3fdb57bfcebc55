// The text by which a relay node is found, taken apart and put together. Pure and free of libp2p, so that screens and
// cards can check an address without loading the network.

import type { PeerId, RelayAddress } from '#core/ports.ts';

/** A relay node's address, self-contained: who answers there, where, and which UDP port answers STUN. */
export interface RelayEndpoint {
  readonly secure: boolean;
  /** A name, an IPv4 address, or an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly peer: PeerId;
  readonly stunPort: number | undefined;
}

export type ParsedRelayAddress =
  | { readonly is: 'endpoint'; readonly endpoint: RelayEndpoint }
  /** The web address of a relay node; its `/relay.json` says the rest. */
  | { readonly is: 'web'; readonly origin: string }
  | { readonly is: 'unreadable' };

/** A card holds four of these; longer ones are nobody's relay. Names in DNS end at 253 characters. */
const MAX_ADDRESS_LENGTH = 400;

/** Identity multihash of an Ed25519 key: `12D3KooW…`, always 52 characters of base58. */
const PEER = /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/;
const MULTIADDR =
  /^\/(?<kind>dns|dns4|dns6|ip4|ip6)\/(?<host>[^/]+)\/tcp\/(?<port>\d{1,5})\/(?<scheme>ws|wss|tls\/ws)\/p2p\/(?<peer>[^/]+)$/;

/** Reads what a person typed or a card carries. Never throws. */
export function parseRelayAddress(text: string): ParsedRelayAddress {
  const trimmed = text.trim();
  if (trimmed.length === 0 || trimmed.length > MAX_ADDRESS_LENGTH) return { is: 'unreadable' };
  return trimmed.startsWith('/') ? parseMultiaddr(trimmed) : parseUrl(trimmed);
}

/** The shortest text for an endpoint: what cards carry. */
export function formatRelayAddress(endpoint: RelayEndpoint): RelayAddress {
  const scheme = endpoint.secure ? 'wss' : 'ws';
  const stun = endpoint.stunPort === undefined ? '' : `?stun=${endpoint.stunPort}`;
  const port = endpoint.port === usualPort(endpoint.secure) ? '' : `:${endpoint.port}`;
  return `${scheme}://${bracketed(endpoint.host)}${port}/${endpoint.peer}${stun}` as RelayAddress;
}

/** The same endpoint in libp2p's words. */
export function endpointMultiaddr(endpoint: RelayEndpoint): string {
  return `${placeMultiaddr(endpoint)}/p2p/${endpoint.peer}`;
}

/** Where to dial, whoever answers there. */
export function placeMultiaddr({ secure, host, port }: Pick<RelayEndpoint, 'secure' | 'host' | 'port'>): string {
  return `/${hostKind(host)}/${host}/tcp/${port}/${secure ? 'tls/ws' : 'ws'}`;
}

/** What `RTCPeerConnection` is given to learn its outside address; `undefined` where the relay node answers none. */
export function stunUrl(endpoint: RelayEndpoint): string | undefined {
  return endpoint.stunPort === undefined ? undefined : `stun:${bracketed(endpoint.host)}:${endpoint.stunPort}`;
}

export function isRelayPeer(text: unknown): text is PeerId {
  return typeof text === 'string' && PEER.test(text);
}

export function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}

function parseUrl(text: string): ParsedRelayAddress {
  if (!URL.canParse(text)) return { is: 'unreadable' };
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return { is: 'unreadable' };
  // Path and fragment of a web address are dropped: people paste the address of a page they are on.
  if (url.protocol === 'https:' || url.protocol === 'http:') return { is: 'web', origin: url.origin };
  if ((url.protocol !== 'wss:' && url.protocol !== 'ws:') || url.hash !== '') return { is: 'unreadable' };
  const peer = url.pathname.slice(1);
  const stunPort = readStun(url.searchParams);
  if (!isRelayPeer(peer) || stunPort === 'unreadable') return { is: 'unreadable' };
  const secure = url.protocol === 'wss:';
  const port = url.port === '' ? usualPort(secure) : Number(url.port);
  if (!isPort(port)) return { is: 'unreadable' };
  return { is: 'endpoint', endpoint: { secure, host: unbracketed(url.hostname), port, peer, stunPort } };
}

function parseMultiaddr(text: string): ParsedRelayAddress {
  const parts = MULTIADDR.exec(text)?.groups;
  if (parts === undefined) return { is: 'unreadable' };
  // Read again as a URL: one place decides which hosts and ports are well formed.
  const scheme = parts['scheme'] === 'ws' ? 'ws' : 'wss';
  const parsed = parseUrl(`${scheme}://${bracketed(parts['host'] ?? '')}:${parts['port']}/${parts['peer']}`);
  if (parsed.is !== 'endpoint') return { is: 'unreadable' };
  const kind = hostKind(parsed.endpoint.host);
  const claimed = parts['kind']?.startsWith('dns') ? 'dns' : parts['kind'];
  return kind === claimed ? parsed : { is: 'unreadable' };
}

function readStun(query: URLSearchParams): number | undefined | 'unreadable' {
  const names = [...query.keys()];
  if (names.length === 0) return undefined;
  const text = query.get('stun') ?? '';
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  // Unknown names are refused rather than dropped: what is read and written again must be the same address.
  return names.length === 1 && isPort(port) ? port : 'unreadable';
}

function hostKind(host: string): 'ip4' | 'ip6' | 'dns' {
  if (host.includes(':')) return 'ip6';
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host) ? 'ip4' : 'dns';
}

function usualPort(secure: boolean): number {
  return secure ? 443 : 80;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function unbracketed(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

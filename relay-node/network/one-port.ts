// The app's files and the WebSocket on one port: libp2p's own listener, with its answer to plain requests replaced.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Listener } from '@libp2p/interface';
import { webSockets } from '@libp2p/websockets';

export type Serve = (request: IncomingMessage, response: ServerResponse) => void;

export interface OnePortOptions {
  readonly serve: Serve;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

/** The parts of the listener in @libp2p/websockets 10.1.21 that we set. */
interface InnerListener {
  httpRequestHandler: Serve;
  onWsServerConnection: (socket: InnerSocket, request: IncomingMessage) => void;
  readonly wsServer: { readonly options: { maxPayload?: number } };
}

interface InnerSocket {
  on(event: 'error', listener: () => void): void;
}

/** Noise sends at most 64 KiB at a time. The library's own 100 MiB would let one message fill the memory. */
const MAX_MESSAGE_BYTES = 1_048_576;
/** A browser that does not finish its request's head within this time is none. */
const HEAD_TIMEOUT_MS = 10_000;

/** The WebSocket transport whose port also answers HTTP. */
export function onePort({ serve, tls }: OnePortOptions): ReturnType<typeof webSockets> {
  const limits = { headersTimeout: HEAD_TIMEOUT_MS, requestTimeout: 3 * HEAD_TIMEOUT_MS };
  const make = webSockets({ http: limits, https: { ...limits, ...tls } });
  return (components) => {
    const transport = make(components);
    const createListener = transport.createListener.bind(transport);
    transport.createListener = (options) => {
      const listener = createListener(options);
      adopt(listener, serve);
      return listener;
    };
    return transport;
  };
}

function adopt(listener: Listener, serve: Serve): void {
  const inner = listener as unknown as InnerListener;
  // Fails at the first start after an upgrade that changes this, not in front of people.
  const connected = inner.onWsServerConnection;
  if (
    typeof inner.httpRequestHandler !== 'function' ||
    typeof connected !== 'function' ||
    inner.wsServer?.options === undefined
  ) {
    throw new Error('@libp2p/websockets changed: relay-node/network/one-port.ts has to be adapted');
  }
  inner.httpRequestHandler = serve;
  inner.wsServer.options.maxPayload = MAX_MESSAGE_BYTES;
  // The library listens for the end of a socket but not for its errors, and an error nobody listens for ends the
  // process: one malformed WebSocket frame from anyone would. The socket closes itself after the error.
  inner.onWsServerConnection = (socket, request) => {
    socket.on('error', () => {});
    connected.call(inner, socket, request);
  };
}

// The WebRTC transport behind a gate: nobody learns our address unless we named them, and nobody but the relay node that
// carries the signalling is asked for our outside address.

import type { Connection, Stream, Transport } from '@libp2p/interface';
import { webRTC } from '@libp2p/webrtc';
import type { WebRTCTransportComponents } from '@libp2p/webrtc';
import type { Multiaddr } from '@multiformats/multiaddr';

/** Signalling protocol of @libp2p/webrtc, which does not export it. */
const SIGNALING = '/webrtc-signaling/0.0.1';

/** Who may have our address, and whom we ask for it. Both are asked anew for each attempt. */
export interface DirectLeave {
  allows(peer: string): boolean;
  /** `stun:host:port` of a relay node we know; `undefined` when it answers none. */
  stunOf(relay: string): string | undefined;
}

/** The answering half of WebRTCTransport. Public in its class, yet not in the types of the package. */
interface Answering {
  _onProtocol(stream: Stream, connection: Connection, signal: AbortSignal): Promise<void>;
}

/**
 * A fresh inner transport for each attempt: the ICE servers of @libp2p/webrtc belong to a transport, ours to a call.
 * Registering protocol middleware would be the documented way to refuse; libp2p 3.3.11 runs the handler once more for
 * each stream that went through middleware, so it is not usable.
 */
export function directRoad(leave: DirectLeave): (components: WebRTCTransportComponents) => Transport {
  return (components) => {
    const plain = webRTC({ rtcConfiguration: { iceServers: [] } })(components);
    const open = (address: Multiaddr) =>
      webRTC({ rtcConfiguration: { iceServers: iceServers(leave, address) } })(components);
    let stopping = new AbortController();

    const answer = (stream: Stream, connection: Connection): void => {
      const isCircuit = connection.remoteAddr.toString().includes('/p2p-circuit/');
      if (!isCircuit || !leave.allows(connection.remotePeer.toString())) {
        stream.abort(new Error('refused'));
        return;
      }
      const signal = components.upgrader.createInboundAbortSignal(stopping.signal);
      (open(connection.remoteAddr) as unknown as Answering)
        ._onProtocol(stream, connection, signal)
        // A call that fails is ordinary: the caller stays on the relay.
        .catch(() => undefined)
        .finally(() => signal.clear());
    };

    const gate = {
      dial: (address: Multiaddr, options: Parameters<Transport['dial']>[1]) => open(address).dial(address, options),
      createListener: plain.createListener.bind(plain),
      listenFilter: plain.listenFilter.bind(plain),
      dialFilter: plain.dialFilter.bind(plain),
      async start() {
        stopping = new AbortController();
        await components.registrar.handle(SIGNALING, answer, { runOnLimitedConnection: true });
      },
      async stop() {
        stopping.abort();
        await components.registrar.unhandle(SIGNALING);
      },
    };
    // The marks by which libp2p knows a transport and what it needs are symbols of the inner one.
    return Object.setPrototypeOf(gate, plain) as Transport;
  };
}

/** The relay node that carries the signalling, and no other: it knows both addresses anyway. */
function iceServers(leave: DirectLeave, address: Multiaddr): RTCIceServer[] {
  const relay = address.getComponents().find((component) => component.name === 'p2p')?.value;
  const stun = relay === undefined ? undefined : leave.stunOf(relay);
  return stun === undefined ? [] : [{ urls: [stun] }];
}

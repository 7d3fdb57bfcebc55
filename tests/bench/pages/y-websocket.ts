// The peer of the catch-up bench: a list of messages in a Yjs document, from y-websocket's server, in plain and not stored.
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

const page = {
  /** Milliseconds from the call until all messages are listed. */
  async catchUp(server: string, count: number): Promise<number> {
    const begun = performance.now();
    const doc = new Y.Doc();
    const provider = new WebsocketProvider(server, 'bench', doc, { disableBc: true });
    const messages = doc.getArray<{ text: string }>('messages');
    await new Promise<void>((resolve) => {
      const look = () => {
        if (messages.length >= count && messages.toArray().length >= count) resolve();
      };
      messages.observe(look);
      look();
    });
    const taken = performance.now() - begun;
    provider.destroy();
    doc.destroy();
    return taken;
  },
};

export type PeerPage = typeof page;

Object.assign(globalThis, { page });

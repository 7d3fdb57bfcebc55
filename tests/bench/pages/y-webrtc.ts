// The peer of the edit-latency bench: one Yjs text shared through y-webrtc, without any encryption of its own.
import { WebrtcProvider } from 'y-webrtc';
import * as Y from 'yjs';
import { observeWords, paragraphOf, type LatencyPage } from './latency-page.ts';

const doc = new Y.Doc();

export interface PlainPage extends LatencyPage {
  /** Resolves when the document, as it came from the other browser, holds a word. */
  reads(word: string): Promise<void>;
}

const page: PlainPage = {
  async join(where) {
    const provider = new WebrtcProvider('bench', doc, {
      signaling: [where],
      // Its default asks public servers on the internet for our address.
      peerOpts: { config: { iceServers: [] } },
      filterBcConns: false,
    });
    await new Promise<void>((resolve) => {
      provider.on('peers', ({ webrtcPeers }) => {
        if (webrtcPeers.length > 0) resolve();
      });
    });
  },
  write(mark) {
    const text = paragraphOf(doc);
    const at = performance.timeOrigin + performance.now();
    text.insert(text.length, `${mark} `);
    return at;
  },
  listen() {
    const seen: Record<string, number> = {};
    observeWords(doc, (mark) => (seen[mark] ??= performance.timeOrigin + performance.now()));
    return () => seen;
  },
  async reads(word) {
    const body = doc.getXmlFragment('body');
    while (body.length === 0 || !paragraphOf(doc).toString().includes(word)) {
      await new Promise((resolve) => doc.once('update', resolve));
    }
  },
};

Object.assign(globalThis, { page });

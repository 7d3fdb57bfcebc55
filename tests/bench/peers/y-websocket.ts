// y-websocket's own server with a list of messages by many authors, who wrote in turn.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

/** Each says one message before it is another's turn: appends in a row by one author melt into one item. */
const AUTHORS = 50;

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** One document in which the authors took turns. */
function written(count: number): Y.Doc {
  const docs = Array.from({ length: AUTHORS }, () => new Y.Doc());
  const all = docs[0]!;
  for (let i = 0; i < count; i++) {
    const doc = docs[i % AUTHORS]!;
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(all, Y.encodeStateVector(doc)));
    const before = Y.encodeStateVector(doc);
    const text = `${i}: the herons stood over the weir`;
    doc.getArray('messages').push([{ text, author: i % AUTHORS, at: 1_750_000_000_000 + i }]);
    Y.applyUpdate(all, Y.encodeStateAsUpdate(doc, before));
  }
  return all;
}

/** Starts the server and gives it the messages. */
export async function startYWebsocket(count: number): Promise<{ address: string; stop: () => void }> {
  const port = await freePort();
  const server = spawn(process.execPath, ['node_modules/y-websocket/bin/server.cjs'], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: String(port) },
    stdio: 'ignore',
  });
  const address = `ws://127.0.0.1:${port}`;
  const options = { WebSocketPolyfill: WebSocket as never, disableBc: true };
  const provider = new WebsocketProvider(address, 'bench', written(count), options);
  await new Promise<void>((resolve) => provider.on('sync', (isSynced: boolean) => void (isSynced && resolve())));
  // What the server lacked was sent with the answer to its own question.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  provider.destroy();
  return { address, stop: () => server.kill() };
}

// Prosody over WebSocket as a peer: an XMPP server on loopback, two accounts, and the time a message and its answer
// take. XMPP framing per RFC 7395, SASL PLAIN per RFC 4616, resource binding per RFC 6120.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import WebSocket from 'ws';

const PORT = 43180;
/** Archived messages in one answer: as many as the server gives as it ships, whatever is asked for. */
const PAGE = 50;

function configuration(folder: string): string {
  return `
run_as_root = true
daemonize = false
pidfile = "${folder}/prosody.pid"
data_path = "${folder}/data"
interfaces = { "127.0.0.1" }
c2s_ports = { ${PORT + 1} }
s2s_ports = { }
modules_disabled = { "s2s", "tls" }
modules_enabled = { "roster", "saslauth", "websocket", "mam" }
consider_websocket_secure = true
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
archive_expires_after = "1d"
default_archive_policy = true
http_ports = { ${PORT} }
http_interfaces = { "127.0.0.1" }
https_ports = { }
log = { error = "${folder}/errors" }
VirtualHost "localhost"
`;
}

/** One logged-in account. */
class Account {
  readonly #socket: WebSocket;
  #waiting: ((stanza: string) => void) | undefined;
  onmessage: ((stanza: string) => void) | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (text) => {
      const stanza = String(text);
      if (stanza.startsWith('<message')) this.onmessage?.(stanza);
      else this.#waiting?.(stanza);
    });
  }

  static async open(name: string): Promise<Account> {
    const socket = new WebSocket(`ws://127.0.0.1:${PORT}/xmpp-websocket`, 'xmpp', { headers: { host: 'localhost' } });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const account = new Account(socket);
    const open = '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="localhost" version="1.0"/>';
    await account.#exchange(open, 'features');
    const login = Buffer.from(`\0${name}\0secret`).toString('base64');
    await account.#exchange(
      `<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${login}</auth>`,
      '<success',
    );
    await account.#exchange(open, 'features');
    const bind = '<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><resource>bench</resource></bind>';
    await account.#exchange(`<iq xmlns="jabber:client" type="set" id="b">${bind}</iq>`, 'result');
    account.send('<presence xmlns="jabber:client"/>');
    return account;
  }

  #exchange(stanza: string, until: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`prosody did not answer with ${until}`)), 30_000);
      this.#waiting = (answer) => {
        if (!answer.includes(until)) return;
        clearTimeout(late);
        resolve(answer);
      };
      this.#socket.send(stanza);
    });
  }

  send(stanza: string): void {
    this.#socket.send(stanza);
  }

  message(to: string, text: string): void {
    this.send(`<message xmlns="jabber:client" to="${to}@localhost/bench" type="chat"><body>${text}</body></message>`);
  }

  /** One page of the archive (XEP-0313, XEP-0059): how many messages it had, and where the next begins. */
  async archived(after: string | undefined): Promise<{ count: number; last: string | undefined }> {
    let count = 0;
    this.onmessage = () => void count++;
    const from = after === undefined ? '' : `<after>${after}</after>`;
    const set = `<set xmlns="http://jabber.org/protocol/rsm"><max>${PAGE}</max>${from}</set>`;
    const query = `<query xmlns="urn:xmpp:mam:2" queryid="q">${set}</query>`;
    const end = await this.#exchange(`<iq xmlns="jabber:client" type="set" id="m">${query}</iq>`, '<fin');
    const isLast = /complete=.true./.test(end);
    return { count, last: isLast ? undefined : /<last>([^<]+)</.exec(end)?.[1] };
  }

  close(): void {
    this.#socket.close();
  }
}

/** Resolves when the server answers; a busy machine takes its time. */
async function listening(): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const isThere = await fetch(`http://127.0.0.1:${PORT}/`).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('prosody does not answer');
}

/** A running server with two accounts. */
export class Prosody {
  readonly #folder: string;
  readonly #server: ChildProcess;

  private constructor(folder: string, server: ChildProcess) {
    this.#folder = folder;
    this.#server = server;
  }

  static async start(): Promise<Prosody> {
    const folder = mkdtempSync(path.join(tmpdir(), 'understory-prosody-'));
    mkdirSync(path.join(folder, 'data'));
    const config = path.join(folder, 'prosody.cfg.lua');
    writeFileSync(config, configuration(folder));
    for (const name of ['ana', 'bob']) {
      spawnSync('prosodyctl', ['--config', config, 'register', name, 'localhost', 'secret'], { stdio: 'ignore' });
    }
    const server = spawn('prosody', ['--config', config, '-F'], { stdio: 'ignore' });
    await listening();
    return new Prosody(folder, server);
  }

  /** Milliseconds of each round trip: Ana's message, archived, to Bob; Bob's answer, archived, to Ana. */
  async roundTrips(rounds: number): Promise<number[]> {
    const [ana, bob] = [await Account.open('ana'), await Account.open('bob')];
    bob.onmessage = () => bob.message('ana', 'answer');
    const times: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const begun = performance.now();
      await new Promise<void>((resolve) => {
        ana.onmessage = () => resolve();
        ana.message('bob', `measure ${i}`);
      });
      times.push(performance.now() - begun);
    }
    ana.close();
    bob.close();
    return times;
  }

  /** Sends Bob so many messages, which are archived. */
  async fill(count: number): Promise<void> {
    const [ana, bob] = [await Account.open('ana'), await Account.open('bob')];
    await new Promise<void>((resolve) => {
      let heard = 0;
      bob.onmessage = () => void (++heard === count && resolve());
      for (let i = 0; i < count; i++) ana.message('bob', `${i}: the herons stood over the weir`);
    });
    ana.close();
    bob.close();
  }

  /** Milliseconds per message to read Bob's whole archive. */
  async readArchive(): Promise<{ count: number; msEach: number }> {
    const bob = await Account.open('bob');
    const begun = performance.now();
    let count = 0;
    let after: string | undefined;
    do {
      const page = await bob.archived(after);
      count += page.count;
      after = page.last;
    } while (after !== undefined);
    const taken = performance.now() - begun;
    bob.close();
    return { count, msEach: taken / count };
  }

  stop(): void {
    this.#server.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

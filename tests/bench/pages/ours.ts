// Our side of the benches: the app's own composition without its screens, driven by the bench.
import type { ContactId, Conversation, OpenDocument, Session } from '#app/api.ts';
import { startDevice } from '#app/start.ts';
import { XmlElement, XmlText } from 'yjs';
import { observeWords, paragraphOf, type LatencyPage } from './latency-page.ts';

const device = await startDevice();
/** Bytes on their way through the bench. */
const base64 = {
  encode: (bytes: Uint8Array) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')),
  decode: (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0)),
};

let session: Session | undefined;
let document_: OpenDocument | undefined;

const now = () => performance.timeOrigin + performance.now();

function open(): Session {
  if (session === undefined) throw new Error('create a vault first');
  return session;
}

/** Resolves when a condition holds, looking after each change. */
function until<T>(
  live: { readonly current: T; subscribe(changed: () => void): () => void },
  holds: (value: T) => boolean,
) {
  return new Promise<T>((resolve) => {
    const look = () => {
      if (!holds(live.current)) return;
      stop();
      resolve(live.current);
    };
    const stop = live.subscribe(look);
    look();
  });
}

function conversation(): Conversation {
  const contact = open().people.contacts.current[0];
  if (contact === undefined) throw new Error('no contact yet');
  return open().conversation(contact.id);
}

/** Words that became readable in the open document, with the moment. */
function watchWords(): () => Record<string, number> {
  const seen: Record<string, number> = {};
  observeWords(document_!.doc, (mark) => (seen[mark] ??= now()));
  return () => seen;
}

const latency: Omit<LatencyPage, 'join'> = {
  write(mark) {
    const text = paragraphOf(document_!.doc);
    const at = now();
    text.insert(text.length, `${mark} `);
    return at;
  },
  listen: watchWords,
};

/** About as long as people's messages are. */
function textOf(mark: string, i: number): string {
  return `${mark} ${i}: ${'the herons stood over the weir all morning'.slice(0, 8 + ((i * 7) % 34))}`;
}

/** Gives a way to read the longest task of the page so far; 50 ms and more are noted by the browser. */
function watchLongTasks(): () => number {
  let longest = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  });
  observer.observe({ type: 'longtask' });
  return () => {
    for (const { duration } of observer.takeRecords()) longest = Math.max(longest, duration);
    observer.disconnect();
    return longest;
  };
}

const page = {
  ...latency,

  async create(passphrase: string): Promise<void> {
    await device.create(passphrase);
    const state = device.state.current;
    if (state.is !== 'open') throw new Error(`the vault is ${state.is}`);
    session = state.session;
  },
  async unlock(passphrase: string): Promise<string> {
    const answer = await device.unlock(passphrase);
    const state = device.state.current;
    if (state.is === 'open') session = state.session;
    return answer;
  },
  lock: () => device.lock(),

  async backUp(passphrase: string): Promise<string> {
    return base64.encode(await open().backUp(passphrase));
  },
  async restore(backup: string, passphrase: string): Promise<void> {
    const answer = await device.restore(base64.decode(backup), passphrase, passphrase);
    const state = device.state.current;
    if (state.is !== 'open') throw new Error(`restore: ${answer}`);
    session = state.session;
  },
  online: () =>
    until(open().connection, ({ relays }) => relays.some(({ state }) => state === 'connected')).then(() => undefined),

  async card(): Promise<string> {
    const card = await open().people.makeCard({ myName: 'Ana', validFor: 86_400_000 as never });
    return card.code;
  },
  /** Answers a card and says hello at once. Gives the moment the answer was asked for. */
  async answer(code: string, hello: string | undefined): Promise<number> {
    const begun = now();
    const answer = await open().people.answer(code, 'Bob');
    if (answer.is !== 'contact') throw new Error(`answer: ${JSON.stringify(answer)}`);
    if (hello !== undefined) await open().conversation(answer.contact).send(hello);
    return begun;
  },
  /** The moment a text is in the timeline. */
  async shows(text: string): Promise<number> {
    await until(open().people.contacts, (contacts) => contacts.length > 0);
    const timeline = await until(conversation().timeline, (entries) =>
      entries.some((entry) => entry.is === 'message' && entry.text === text),
    );
    return timeline.length > 0 ? now() : 0;
  },
  contact: () => open().people.contacts.current[0],
  connection: () => open().connection.current,
  direct: () => until(open().connection, ({ directWith }) => directWith.length > 0).then(() => undefined),

  /** Answers every message that starts with `?` with the same text behind `!`. */
  echo(): void {
    const talk = conversation();
    let answered = 0;
    talk.timeline.subscribe(() => {
      const entries = talk.timeline.current;
      for (const entry of entries.slice(answered)) {
        answered += 1;
        if (entry.is === 'message' && !entry.mine && entry.text.startsWith('?')) void talk.send(`!${entry.text}`);
      }
    });
    answered = talk.timeline.current.length;
  },
  /** Milliseconds from sending a message to reading its answer, stored at both ends, one after another. */
  async roundTrips(rounds: number): Promise<number[]> {
    const talk = conversation();
    const times: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const begun = performance.now();
      const saved = talk.send(`?${i}`);
      await until(talk.timeline, (entries) => {
        const last = entries.at(-1);
        return last?.is === 'message' && last.text === `!?${i}`;
      });
      times.push(performance.now() - begun);
      if ((await saved) !== 'saved') throw new Error('not saved');
    }
    return times;
  },

  /** Sends many messages as fast as the session takes them; resolves when all are on disk. */
  async burst(count: number, mark: string): Promise<void> {
    const talk = conversation();
    const AT_ONCE = 100;
    for (let from = 0; from < count; from += AT_ONCE) {
      const sent = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, i) => talk.send(textOf(mark, from + i)));
      for (const result of await Promise.all(sent)) if (result !== 'saved') throw new Error(`burst: ${result}`);
    }
  },
  messages: () => conversation().timeline.current.filter((entry) => entry.is === 'message').length,
  async waitForMessages(count: number): Promise<void> {
    await until(conversation().timeline, (entries) => entries.length >= count && page.messages() >= count);
  },
  /** Milliseconds from the first link to another device until so many messages are listed, then also stored. */
  async catchUp(count: number): Promise<{ listed: number; stored: number; longestTask: number; already: number }> {
    const tasks = watchLongTasks();
    const already = page.messages();
    await until(open().people.contacts, ([contact]) => contact?.presence !== 'away');
    const begun = performance.now();
    await page.waitForMessages(count);
    const listed = performance.now() - begun;
    // Resolves once all that came before it is on disk.
    await open().changeSettings({});
    const stored = performance.now() - begun;
    return { listed, stored, longestTask: tasks(), already };
  },

  async makeDocument(): Promise<string> {
    const contact = open().people.contacts.current[0]!.id as ContactId;
    const id = await open().documents.create({ title: 'Bench', with: contact });
    document_ = await open().documents.open(id);
    return id;
  },
  /** Many paragraphs of text, as pasted; resolves when they are on disk. */
  async fillDocument(paragraphs: number): Promise<void> {
    const body = document_!.doc.getXmlFragment('body');
    for (let from = 0; from < paragraphs; from += 50) {
      document_!.doc.transact(() => {
        for (let i = from; i < Math.min(from + 50, paragraphs); i++) {
          const paragraph = new XmlElement('paragraph');
          paragraph.insert(0, [new XmlText(`${i}. ${'All that was said here stays here. '.repeat(8)}`)]);
          body.push([paragraph]);
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
    await until(document_!.saved, (state) => state === 'saved');
  },
  async openDocument(): Promise<void> {
    const list = await until(open().documents.list, (entries) => entries.length > 0);
    document_ = await open().documents.open(list[0]!.id);
  },
};

export type OurPage = typeof page;

Object.assign(globalThis, { page });

// After the storm: was anything lost that had been acknowledged, do any two differ, was anything illegal taken?

import type { Doc } from 'yjs';
import { contentHash } from '#core/docs/content-hash.ts';
import type { ContactId, DocumentId, Message, TimelineEntry } from '#app/api.ts';
import type { ContentMessage, ContentSpace } from '#app/space-content.ts';
import type { Cast } from './cast.ts';
import { MARKS, type WrittenMessage, type WrittenWord } from './ledger.ts';
import type { Person } from './person.ts';
import { EVIL } from './poison.ts';
import { noFindings, type Findings } from './run-world.ts';
import { isUnwritten } from './unwritten.ts';

interface DocumentSeen {
  readonly doc: Doc;
  readonly hash: string;
  readonly words: ReadonlySet<string>;
  readonly text: string;
}

/** What one person holds of one space. */
interface Held {
  readonly person: Person;
  readonly timeline: readonly TimelineEntry[];
  readonly documents: ReadonlyMap<DocumentId, DocumentSeen>;
  readonly charter: string;
}

export async function check(cast: Cast): Promise<Findings> {
  const findings: Findings = { ...noFindings(), lost: [...cast.ledger.missed] };
  const { messages, words } = promised(cast);
  for (const [contact, [one, other]] of cast.pairs) {
    const seen: Held[] = [];
    for (const person of [one, other]) if (person.isHonest) seen.push(await hold(person, contact));
    for (const held of seen) {
      checkMessages(held, messages.filter(isOf(one, other)), findings);
      await checkWords(held, words, { contact, findings, isHostile: cast.forger === one || cast.forger === other });
      checkIllegal(held, findings);
    }
    if (seen.length === 2) compare(seen[0]!, seen[1]!, findings);
  }
  return findings;
}

/** Whether everybody holds the same, told cheaply: what is waited for before the real check. */
export async function isSettled(cast: Cast): Promise<boolean> {
  const findings = await check(cast);
  return findings.lost.length === cast.ledger.missed.size && findings.diverged.length === 0;
}

/** What honest people wrote; a forger who forks unwrites its own. */
function promised({ ledger, forger }: Cast): { messages: WrittenMessage[]; words: WrittenWord[] } {
  return {
    messages: [...ledger.messages.values()].filter(({ author }) => author !== forger.name),
    words: [...ledger.words.values()].filter(({ author }) => author !== forger.name),
  };
}

const isOf =
  (one: Person, other: Person) =>
  ({ author, reader }: WrittenMessage): boolean =>
    (author === one.name && reader === other.name) || (author === other.name && reader === one.name);

async function hold(person: Person, contact: ContactId): Promise<Held> {
  const session = person.session;
  if (session === undefined) return { person, timeline: [], documents: new Map(), charter: 'locked' };
  const documents = new Map<DocumentId, DocumentSeen>();
  for (const { id } of session.documents.list.current.filter((entry) => entry.with === contact)) {
    const { doc } = await person.open(id);
    const text = doc
      .getXmlFragment('body')
      .toString()
      .replaceAll(/<\/?bold>/g, '');
    documents.set(id, {
      doc,
      hash: contentHash(doc),
      words: new Set(wordsOf(doc.getXmlFragment('body').toString())),
      text,
    });
  }
  const shown = session.people.contacts.current.find(({ id }) => id === contact);
  return {
    person,
    // Who lost a contact has nothing of it.
    timeline: shown === undefined ? [] : session.conversation(contact).timeline.current,
    documents,
    charter: `${shown?.state} ${shown?.safetyNumber}`,
  };
}

/** Marks of words, wherever marks of style or paragraphs begin and end. */
function wordsOf(xml: string): string[] {
  return xml.replaceAll(/<\/?(bold|paragraph)>/g, '').match(MARKS) ?? [];
}

function checkMessages(held: Held, written: readonly WrittenMessage[], findings: Findings): void {
  const { lost, illegal } = findings;
  const messages = held.timeline.filter((entry): entry is Message => entry.is === 'message');
  for (const { mark, author, isAcknowledged, id, texts, wasDeleted } of written) {
    const found = messages.find((message) => (id === undefined ? message.text.includes(mark) : message.id === id));
    if (found === undefined) {
      if (isAcknowledged && !(id === undefined && wasDeleted !== 'no')) lost.push(`${held.person.name}: ${mark}`);
      continue;
    }
    const isMine = author === held.person.name;
    if (found.mine !== isMine) illegal.push(`${held.person.name}: ${mark} has another author`);
    if (found.deleted && wasDeleted === 'no') illegal.push(`${held.person.name}: ${mark} deleted by another`);
    else if (!found.deleted && wasDeleted === 'acknowledged') lost.push(`${held.person.name}: deletion of ${mark}`);
    else if (!found.deleted && !texts.includes(found.text)) {
      (found.text.includes(EVIL) ? illegal : lost).push(`${held.person.name}: text of ${mark}`);
    }
  }
}

interface Pair {
  readonly contact: ContactId;
  readonly findings: Findings;
  /** The other person keeps no rules, and may still write there. */
  readonly isHostile: boolean;
}

async function checkWords(held: Held, words: readonly WrittenWord[], pair: Pair): Promise<void> {
  const { lost } = pair.findings;
  let messages: readonly ContentMessage[] | undefined;
  for (const word of words) {
    const { mark, document, isAcknowledged, wasDeleted } = word;
    const seen = held.documents.get(document);
    if (seen === undefined) continue;
    if (wasDeleted === 'acknowledged' && seen.words.has(mark)) lost.push(`${held.person.name}: deletion of ${mark}`);
    if (!isAcknowledged || wasDeleted !== 'no' || seen.words.has(mark)) continue;
    messages ??= await changesIn(held.person, pair.contact);
    const isHostile = ({ mine }: ContentMessage): boolean => pair.isHostile && !mine;
    if (!isUnwritten(word, { doc: seen.doc, messages, isHostile })) lost.push(`${held.person.name}: word ${mark}`);
  }
}

async function changesIn({ contents }: Person, contact: ContactId): Promise<readonly ContentMessage[]> {
  return (await contents?.messages(contact as string as ContentSpace, 'doc.update', 0)) ?? [];
}

function checkIllegal(held: Held, findings: Findings): void {
  const illegal = findings.illegal;
  for (const entry of held.timeline) {
    if (entry.is === 'message' && entry.text.includes(EVIL)) illegal.push(`${held.person.name}: a message`);
  }
  for (const [id, { text }] of held.documents) if (text.includes(EVIL)) illegal.push(`${held.person.name}: in ${id}`);
}

function compare(one: Held, other: Held, findings: Findings): void {
  const diverged = findings.diverged;
  const who = `${one.person.name}/${other.person.name}`;
  if (one.charter !== other.charter) diverged.push(`${who}: charter`);
  const [a, b] = [one.timeline.map(shownOf), other.timeline.map(shownOf)];
  if (a.length !== b.length) diverged.push(`${who}: ${a.length} and ${b.length} messages`);
  else if (a.some((line, i) => line !== b[i])) diverged.push(`${who}: timelines`);
  if ([...one.timeline, ...other.timeline].some((entry) => entry.is === 'gap')) diverged.push(`${who}: gap`);
  for (const id of new Set([...one.documents.keys(), ...other.documents.keys()])) {
    const [mine, theirs] = [one.documents.get(id), other.documents.get(id)];
    if (mine?.hash !== theirs?.hash) diverged.push(`${who}: document ${id.slice(0, 8)}`);
  }
}

/** A line of a timeline as both must see it. */
function shownOf(entry: TimelineEntry): string {
  if (entry.is === 'gap') return 'gap';
  const { id, text, deleted, edited, replyTo } = entry;
  return JSON.stringify([id, text, deleted, edited, replyTo?.id ?? null, replyTo?.text ?? null]);
}

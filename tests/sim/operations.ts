// What people do all day, one dice roll at a time.

import { XmlElement, XmlText, getState, type Doc } from 'yjs';
import type { ContactId, Conversation, DocumentId, Message, OpenDocument, TimelineEntry } from '#app/api.ts';
import { HOUR, type Millis } from '#core/ports.ts';
import { MARKS, markIn } from './ledger.ts';
import type { Person } from './person.ts';
import { spanOf, type Span } from './changes.ts';

type Operation = (person: Person, others: Directory) => Promise<void> | void;

/** Who is behind a contact: the world knows, the apps do not. */
export interface Directory {
  nameOf(person: Person, contact: ContactId): string | undefined;
}

/** Documents of one pair; more would only spread the same edits thinner. */
const MOST_DOCUMENTS = 3;

const OPERATIONS: readonly (readonly [number, Operation])[] = [
  [12, type],
  [3, shape],
  [8, send],
  [2, edit],
  [1, remove],
  [6, draft],
  [6, read],
  [54, look],
  [1, rename],
  [1, make],
  [3, shut],
  [2, nickname],
  [1, confirm],
];
const WEIGHT = OPERATIONS.reduce((sum, [weight]) => sum + weight, 0);

/** One operation of an unlocked person. What the app refuses, or a crash ends, is part of life. */
export function act(person: Person, others: Directory): void {
  let roll = person.dice.roll(WEIGHT);
  const [, operation] = OPERATIONS.find(([weight]) => (roll -= weight) < 0)!;
  person.ledger.operations++;
  person.world.note('act', person.name, operation.name);
  void Promise.resolve()
    .then(() => operation(person, others))
    .catch((cause: unknown) => {
      const name = cause instanceof Error ? cause.name : 'unknown';
      person.world.logger().count('operations', `${operation.name}: ${name}`);
    });
}

function anyContact(person: Person): ContactId | undefined {
  const contacts = person.contacts();
  return contacts.length === 0 ? undefined : person.dice.pick(contacts);
}

function conversationOf(person: Person): Conversation | undefined {
  const contact = anyContact(person);
  return contact === undefined ? undefined : person.session?.conversation(contact);
}

function newMark(person: Person): string {
  return `<${person.name}.${person.written++}>`;
}

const messagesOf = (conversation: Conversation): readonly Message[] =>
  conversation.timeline.current.filter((entry) => entry.is === 'message');

const ownOf = (conversation: Conversation): readonly Message[] =>
  messagesOf(conversation).filter(({ mine, deleted, delivery }) => mine && !deleted && delivery !== 'sending');

async function send(person: Person, others: Directory): Promise<void> {
  const contact = anyContact(person);
  const reader = contact === undefined ? undefined : others.nameOf(person, contact);
  const conversation = contact === undefined ? undefined : person.session?.conversation(contact);
  if (reader === undefined || conversation === undefined) return;
  const mark = newMark(person);
  const text = `${mark} ${'words '.repeat(person.dice.roll(8))}`.trim();
  const messages = messagesOf(conversation);
  const replyTo = messages.length > 0 && person.dice.chance(0.2) ? person.dice.pick(messages).id : undefined;
  const entry = person.ledger.wrote({ mark, author: person.name, reader }, text);
  if ((await conversation.send(text, replyTo)) === 'saved') entry.isAcknowledged = true;
}

async function edit(person: Person): Promise<void> {
  const conversation = conversationOf(person);
  const own = conversation === undefined ? [] : ownOf(conversation);
  if (conversation === undefined || own.length === 0) return;
  const message = person.dice.pick(own);
  const mark = markIn(message.text);
  const entry = mark === undefined ? undefined : person.ledger.messages.get(mark);
  if (mark === undefined || entry === undefined) return;
  const text = `${mark} again ${person.dice.roll(1_000_000)}`;
  entry.id = message.id;
  const before = entry.said;
  entry.texts.push(text);
  if ((await conversation.edit(message.id, text)) !== 'saved') return;
  // A try that was never acknowledged may have left before a crash and come back from the other side, beside this one.
  entry.texts = entry.texts.filter((other) => other !== before && other !== entry.said);
  entry.said = text;
}

async function remove(person: Person): Promise<void> {
  const conversation = conversationOf(person);
  const own = conversation === undefined ? [] : ownOf(conversation);
  if (conversation === undefined || own.length === 0) return;
  const message = person.dice.pick(own);
  const entry = person.ledger.messages.get(markIn(message.text) ?? '');
  if (entry === undefined) return;
  entry.id = message.id;
  if (entry.wasDeleted === 'no') entry.wasDeleted = 'tried';
  if ((await conversation.deleteForAll(message.id)) === 'saved') entry.wasDeleted = 'acknowledged';
}

function draft(person: Person): void {
  conversationOf(person)?.setDraft(`draft ${person.dice.roll(1000)}`);
}

function read(person: Person): void {
  const conversation = conversationOf(person);
  const last = conversation === undefined ? undefined : messagesOf(conversation).at(-1);
  if (last !== undefined) conversation?.markRead(last.id);
}

/** Reads what is there, and misses what was promised and is gone. */
function look(person: Person, others: Directory): void {
  const contact = anyContact(person);
  const reader = contact === undefined ? undefined : others.nameOf(person, contact);
  if (contact === undefined || reader === undefined || person.session === undefined || !person.isHonest) return;
  const there = seenIn(person.session.conversation(contact).timeline.current);
  for (const { mark, id, isAcknowledged } of person.ledger.messagesTo(person.name, reader)) {
    if (isAcknowledged && !there.has(id ?? mark)) person.ledger.missed.add(`${person.name}: ${mark} for a while`);
  }
}

/** Ids and marks in a timeline. A timeline that did not change is the same array, and is read through once. */
const seen = new WeakMap<readonly TimelineEntry[], ReadonlySet<string>>();

function seenIn(timeline: readonly TimelineEntry[]): ReadonlySet<string> {
  let there = seen.get(timeline);
  if (there === undefined) {
    const messages = timeline.filter((entry) => entry.is === 'message');
    there = new Set(messages.flatMap(({ id, text }) => [id, markIn(text) ?? id]));
    seen.set(timeline, there);
  }
  return there;
}

async function nickname(person: Person): Promise<void> {
  const contact = anyContact(person);
  if (contact !== undefined) await person.session?.people.setNickname(contact, `friend ${person.dice.roll(100)}`);
}

async function confirm(person: Person): Promise<void> {
  const contact = anyContact(person);
  if (contact !== undefined) await person.session?.people.confirm(contact, person.dice.chance(0.7));
}

/* ---------- documents ---------- */

async function make(person: Person, others: Directory): Promise<void> {
  const contact = anyContact(person);
  const reader = contact === undefined ? undefined : others.nameOf(person, contact);
  const session = person.session;
  if (contact === undefined || reader === undefined || session === undefined) return;
  const shared = session.documents.list.current.filter((entry) => entry.with === contact);
  if (shared.length >= MOST_DOCUMENTS) return;
  const id = await session.documents.create({ title: `by ${person.name}`, with: contact });
  person.ledger.documents.push({ id, maker: person.name, reader });
}

function anyDocument(person: Person): DocumentId | undefined {
  const list = person.session?.documents.list.current ?? [];
  return list.length === 0 ? undefined : person.dice.pick(list).id;
}

export async function rename(person: Person): Promise<void> {
  const id = anyDocument(person);
  if (id !== undefined) await person.session?.documents.rename(id, `named ${person.dice.roll(1000)} by ${person.name}`);
}

export async function shut(person: Person): Promise<void> {
  const id = anyDocument(person);
  if (id !== undefined) await person.shut(id);
}

/** A few keystrokes' worth: one word, letter by letter or at once, where no other word is cut. */
export async function type(person: Person): Promise<void> {
  const id = anyDocument(person);
  if (id === undefined) return;
  const opened = await person.open(id);
  if (opened.mode !== 'edit') return;
  const mark = newMark(person);
  const { doc } = opened;
  const text = textFor(person, doc);
  const letters = nextSpan(doc, mark.length);
  const entry = person.ledger.typed({ mark, author: person.name, document: id, letters, within: spansAround(text) });
  let at = placeBetweenWords(person, text);
  if (person.dice.chance(0.5)) text.insert(at, mark);
  else {
    for (const letter of mark) text.insert(at++, letter);
  }
  whenSaved(opened, () => {
    entry.isAcknowledged = true;
  });
}

/** Marks words, takes one away, adds or takes away an empty paragraph. */
export async function shape(person: Person): Promise<void> {
  const id = anyDocument(person);
  if (id === undefined) return;
  const opened = await person.open(id);
  if (opened.mode !== 'edit') return;
  const text = textFor(person, opened.doc);
  const words = [...plainText(text).matchAll(MARKS)];
  const roll = person.dice.roll(3);
  if (roll === 0) addParagraph(opened.doc, person.dice.roll(3));
  else if (words.length === 0) return;
  else if (roll === 1) {
    const word = person.dice.pick(words);
    text.format(word.index, word[0].length, { bold: person.dice.chance(0.6) ? true : null });
  } else {
    const word = person.dice.pick(words);
    const entry = person.ledger.words.get(word[0]);
    if (entry === undefined) return;
    if (entry.wasDeleted === 'no') entry.wasDeleted = 'tried';
    text.delete(word.index, word[0].length);
    // A forger that goes back takes its deletions back too.
    if (person.isHonest) whenSaved(opened, () => (entry.wasDeleted = 'acknowledged'));
  }
}

function whenSaved(opened: OpenDocument, then: () => void): void {
  // The edit is on its way to the queue in this very moment.
  void Promise.resolve().then(() => {
    const stop = opened.saved.subscribe(look);
    function look(): void {
      if (opened.saved.current !== 'saved') return;
      stop();
      then();
    }
    look();
  });
}

function textFor(person: Person, doc: Doc): XmlText {
  const body = doc.getXmlFragment('body');
  const texts = body.toArray().flatMap((child) => {
    const first = child instanceof XmlElement && child.length > 0 ? child.get(0) : undefined;
    return first instanceof XmlText ? [first] : [];
  });
  return texts.length === 0 ? addParagraph(doc, 0) : person.dice.pick(texts);
}

function addParagraph(doc: Doc, near: number): XmlText {
  const body = doc.getXmlFragment('body');
  const [element, text] = [new XmlElement('paragraph'), new XmlText()];
  element.insert(0, [text]);
  body.insert(Math.min(near, body.length), [element]);
  return text;
}

export function plainText(text: XmlText): string {
  return (text.toDelta() as readonly { readonly insert: string }[]).map(({ insert }) => insert).join('');
}

function nextSpan({ clientID: client, store }: Doc, length: number): Span {
  const from = getState(store, client);
  return { client, from, to: from + length };
}

/** The text itself, and the elements it stands in. */
function spansAround(text: XmlText): readonly Span[] {
  const spans: Span[] = [];
  for (let item = text._item; item !== null; item = (item.parent as XmlElement)._item) spans.push(spanOf(item.id));
  return spans;
}

function placeBetweenWords(person: Person, text: XmlText): number {
  const ends = [...plainText(text).matchAll(MARKS)].map((word) => word.index + word[0].length);
  return person.dice.pick([0, ...ends]);
}

/** How long a card is good for in a world that lasts minutes. */
export const CARD_VALID = HOUR as Millis;

// After the storm: everybody who is in has the same documents, with all words that were promised and may be there.

import { contentHash } from '#core/docs/content-hash.ts';
import type { MessageId } from '#core/charter/ids.ts';
import { contentOf, groupHome } from '#app/documents/document-homes.ts';
import type { DocumentHome } from '#app/documents/document-api.ts';
import type { PersonId } from '#app/groups/group-api.ts';
import type { Doc } from 'yjs';
import { MARKS, type WrittenWord } from './ledger.ts';
import type { Person } from './person.ts';
import { EVIL } from './poison.ts';
import type { Findings } from './run-world.ts';
import { appsIn, groupOf } from './town.ts';
import type { Judge } from './town-members.ts';
import { isUnwritten } from './unwritten.ts';
import { VoidWords } from './void-words.ts';

interface Shown {
  readonly person: Person;
  readonly home: DocumentHome;
  readonly doc: Doc;
  readonly text: string;
}

interface Promised {
  /** By who keeps the rules. */
  readonly words: readonly WrittenWord[];
  /** Who of them is in, and was before others spoke: their words are to be there. */
  readonly authors: ReadonlySet<string>;
  readonly voidWords: VoidWords;
  /** Changes by who keeps no rules. */
  readonly hostile: ReadonlySet<MessageId>;
  readonly findings: Findings;
}

export async function compareDocuments(judge: Judge): Promise<void> {
  const { members, findings } = judge;
  const seen = new Map<string, string>();
  const promised = promisedBy(judge);
  for (const { person, group, me, isNew } of members) {
    if (isNew || me === undefined) continue;
    const everyones = groupHome(group.id, 'everyone');
    for (const { id, with: home } of person.session!.documents.list.current) {
      const { doc } = await person.open(id);
      const hash = contentHash(doc);
      const before = seen.get(id);
      if (before === undefined) seen.set(id, hash);
      else if (before !== hash) findings.diverged.push(`${person.name}: document ${id.slice(0, 8)}`);
      const text = doc.getXmlFragment('body').toString();
      if (text.includes(EVIL)) findings.illegal.push(`${person.name}: in document ${id.slice(0, 8)}`);
      const words = promised.words.filter(({ document }) => document === id);
      if (home === everyones) await lookForWords({ ...promised, words }, { person, home, doc, text });
    }
  }
}

function promisedBy({ town, inside, findings, lost }: Judge): Promised {
  const isIn = (person: Person): boolean => {
    const isMember = inside.has(groupOf(person)?.state.current.me as PersonId) && !town.ended.has(person);
    return isMember && !town.newcomers.has(person);
  };
  const honest = appsIn(town).filter(({ isHonest }) => isHonest);
  const names = new Set(honest.map(({ name }) => name));
  const { words, changes } = town.ledger;
  return {
    words: [...words.values()].filter(({ author }) => names.has(author)),
    authors: new Set(honest.filter(isIn).map(({ name }) => name)),
    voidWords: new VoidWords(town.ledger, lost),
    hostile: new Set(changes.filter(({ by }) => !names.has(by)).map(({ id }) => id)),
    findings,
  };
}

async function lookForWords({ words, authors, voidWords, hostile, findings }: Promised, shown: Shown): Promise<void> {
  const { person, home, doc, text } = shown;
  const there = new Set(text.replaceAll(/<\/?(bold|paragraph)>/g, '').match(MARKS) ?? []);
  for (const word of words) {
    const { mark, author, isAcknowledged, wasDeleted } = word;
    if (there.has(mark)) {
      if (voidWords.isForbidden(word)) findings.illegal.push(`${person.name}: word ${mark} of who might not write`);
      continue;
    }
    const isPromised = authors.has(author) && isAcknowledged && wasDeleted === 'no';
    if (!isPromised || voidWords.isVoid(word)) continue;
    const messages = (await person.contents?.messages(contentOf(home), 'doc.update', 0)) ?? [];
    const isHostile = ({ id }: { readonly id: MessageId }): boolean => hostile.has(id);
    if (!isUnwritten(word, { doc, messages, isHostile })) findings.lost.push(`${person.name}: word ${mark}`);
  }
}

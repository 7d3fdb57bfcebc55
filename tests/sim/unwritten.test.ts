// What a hostile hand may take out of a document is no loss; all else that is missing is one.

import { XmlElement, XmlText, Doc, applyUpdate, encodeStateAsUpdate, encodeStateVector, getState } from 'yjs';
import { describe, expect, it, vi } from 'vitest';
import type { DeviceId, Incarnation } from '#core/charter/ids.ts';
import { clientIdOf } from '#core/docs/client-id.ts';
import { encodeDocUpdate, type DocumentId } from '#core/docs/doc-update.ts';
import type { ContentMessage } from '#app/space-content.ts';
import { runSeed } from './run-seed.ts';
import { spanOf } from './changes.ts';
import { isUnwritten, type Typed } from './unwritten.ts';

const document = 'd0'.repeat(16) as DocumentId;
const incarnation = '01'.repeat(8) as Incarnation;
const MARK = '<p0.1>';

class Writer {
  readonly author: DeviceId;
  readonly doc = new Doc();
  seq = 0;

  constructor(digit: string) {
    this.author = digit.repeat(64) as DeviceId;
    this.doc.clientID = clientIdOf({ device: this.author, incarnation }, document);
  }

  /** One message with all that `change` did, by who had seen so many messages of each of the others. */
  says(change: (doc: Doc) => void, seen: ReadonlyMap<DeviceId, number> = new Map()): ContentMessage {
    const before = encodeStateVector(this.doc);
    change(this.doc);
    const update = encodeStateAsUpdate(this.doc, before) as ContentMessage['body'];
    const own = this.seq + 1;
    const past = { reach: (device: DeviceId) => (device === this.author ? own : (seen.get(device) ?? 0)) };
    const body = encodeDocUpdate({ document, schema: 1, update });
    return { author: this.author, incarnation, seq: this.seq++, past, body } as unknown as ContentMessage;
  }
}

function paragraph(doc: Doc): XmlText {
  const [element, text] = [new XmlElement('paragraph'), new XmlText()];
  element.insert(0, [text]);
  doc.getXmlFragment('body').insert(0, [element]);
  return text;
}

/** An honest hand writes a word into a paragraph, its own or the hostile one’s. */
function scene(whose: 'honest' | 'hostile') {
  const [honest, hostile] = [new Writer('a'), new Writer('b')];
  const messages: ContentMessage[] = [];
  const maker = whose === 'honest' ? honest : hostile;
  messages.push(maker.says(paragraph));
  applyUpdate(honest.doc, encodeStateAsUpdate(maker.doc));
  const text = (honest.doc.getXmlFragment('body').get(0) as XmlElement).get(0) as XmlText;
  const { clientID: client, store } = honest.doc;
  const from = getState(store, client);
  messages.push(honest.says(() => text.insert(0, MARK)));
  const letters = { client, from, to: from + MARK.length };
  const within = [spanOf(text._item!.id), spanOf((text.parent as XmlElement)._item!.id)];
  applyUpdate(hostile.doc, encodeStateAsUpdate(honest.doc));
  const isHostile = ({ author }: ContentMessage): boolean => author === hostile.author;
  const word: Typed = { document, letters, within };
  return { honest, hostile, messages, word, isHostile };
}

const clear = (doc: Doc): void => doc.getXmlFragment('body').delete(0, 1);
const saw = ({ author, seq }: Writer): ReadonlyMap<DeviceId, number> => new Map([[author, seq]]);

describe('a word that is gone', () => {
  it('is no loss where a hostile hand deleted what it had seen, the word or what it stands in', () => {
    for (const whose of ['honest', 'hostile'] as const) {
      const { honest, hostile, messages, word, isHostile } = scene(whose);
      messages.push(hostile.says(clear, saw(honest)));
      applyUpdate(honest.doc, encodeStateAsUpdate(hostile.doc));
      expect(isUnwritten(word, { doc: honest.doc, messages, isHostile })).toBe(true);
    }
  });

  it('is a loss where nobody hostile deleted anything', () => {
    const { honest, hostile, messages, word, isHostile } = scene('honest');
    messages.push(honest.says(clear, saw(hostile)));
    expect(isUnwritten(word, { doc: honest.doc, messages, isHostile })).toBe(false);
  });

  it('is a loss where the hostile range lies beyond what its author had seen', () => {
    const { honest, hostile, messages, word, isHostile } = scene('honest');
    messages.push(hostile.says(clear));
    applyUpdate(honest.doc, encodeStateAsUpdate(hostile.doc));
    expect(isUnwritten(word, { doc: honest.doc, messages, isHostile })).toBe(false);
  });

  it('is a loss where its letters never came, whatever was deleted', () => {
    const { honest, hostile, messages, word, isHostile } = scene('hostile');
    messages.push(hostile.says(clear, saw(honest)));
    const dropped = new Doc();
    expect(isUnwritten(word, { doc: dropped, messages, isHostile })).toBe(false);
  });
});

describe('in a world where a hostile hand took words (477)', { timeout: 120_000 }, () => {
  it('nothing is lost', async () => {
    const { findings } = await runSeed(477);
    expect(findings).toEqual({ lost: [], diverged: [], illegal: [], leaked: [] });
  });

  it('changes that an app drops are found all the same', async () => {
    vi.resetModules();
    vi.doMock(import('#app/documents/intake.ts'), async (original) => {
      const real = await original();
      let count = 0;
      class Dropping extends real.Intake {
        override add(update: Parameters<InstanceType<typeof real.Intake>['add']>[0]): void {
          if (count++ % 12 !== 0) super.add(update);
        }
      }
      return { ...real, Intake: Dropping };
    });
    const { runSeed: runAgain } = await import('./run-seed.ts');
    const { findings } = await runAgain(477, { patience: 20_000 });
    vi.doUnmock('#app/documents/intake.ts');
    expect(findings.lost.filter((line) => line.startsWith('p0: word')).length).toBeGreaterThan(0);
  });
});

// Samples of src/core/decisions.
import type { MessageId } from '#core/charter/ids.ts';
import { encodeDecisionAct, type DecisionAct } from '#core/decisions/decision-body.ts';
import type { Millis } from '#core/ports.ts';
import { encode } from '#core/wire/cbor.ts';
import { filler, fillerId, type StructureSamples } from './sample.ts';

const at = 1_700_000_000_000 as Millis;
const decision = fillerId<MessageId>(32, 0x10);
const question = { act: 'ask', at, question: 'Where do we meet?', turnout: 0, untilDay: undefined } as const;

const acts: Readonly<Record<string, DecisionAct>> = {
  'a poll': { ...question, method: 'poll', options: ['Hall', 'Park'], picks: 1, untilDay: 20_000 },
  'a ranking': { ...question, method: 'ranked', options: ['Hall', 'Park', 'Kitchen 🍲'], picks: 0, turnout: 5 },
  consent: { ...question, method: 'consent', options: [], picks: 0 },
  consensus: { ...question, method: 'consensus', options: [], picks: 0 },
  'a pick': { act: 'voice', at, decision, voice: { is: 'picks', options: [0, 3] }, note: '' },
  'an order': { act: 'voice', at, decision, voice: { is: 'order', options: [2, 0] }, note: '' },
  'a block': { act: 'voice', at, decision, voice: { is: 'stance', stance: 'block' }, note: 'Too loud' },
  'no voice any more': { act: 'hush', at, decision },
  'an end': { act: 'end', at, decision, counted: [fillerId<MessageId>(32, 0x30), fillerId<MessageId>(32, 0x50)] },
  'an end of nothing': { act: 'end', at, decision, counted: [] },
};

const asked = { v: 1, act: 'ask', at: 0, method: 'poll', question: 'x', options: ['a', 'b'], picks: 1, turnout: 0 };
const voiced = { v: 1, act: 'voice', at: 0, decision: filler(32) };

export const decisionsSamples: Readonly<Record<string, StructureSamples>> = {
  'body-decision': {
    spec: 'decisions/SPEC.md §1',
    accept: Object.entries(acts).map(([name, act]) => ({ name, bytes: encodeDecisionAct(act) })),
    refuse: [
      { name: 'a method nobody knows', bytes: encode({ ...asked, method: 'dice' }) },
      { name: 'a poll of one option', bytes: encode({ ...asked, options: ['a'] }) },
      { name: 'an option twice', bytes: encode({ ...asked, options: ['a', 'a'] }) },
      { name: 'more picks than options', bytes: encode({ ...asked, picks: 3 }) },
      { name: 'a poll without picks', bytes: encode({ ...asked, picks: 0 }) },
      { name: 'options where there are none', bytes: encode({ ...asked, method: 'consent', picks: 0 }) },
      { name: 'picks in no order', bytes: encode({ ...voiced, picks: [1, 0] }) },
      { name: 'an option ranked twice', bytes: encode({ ...voiced, order: [1, 1] }) },
      { name: 'no voice', bytes: encode(voiced) },
      { name: 'two voices in one', bytes: encode({ ...voiced, picks: [0], stance: 'agree' }) },
      { name: 'an empty note', bytes: encode({ ...voiced, stance: 'agree', note: '' }) },
      { name: 'a stance nobody knows', bytes: encode({ ...voiced, stance: 'maybe' }) },
      {
        name: 'a voice counted twice',
        bytes: encode({ v: 1, act: 'end', at: 0, decision: filler(32), counted: [filler(32), filler(32)] }),
      },
    ],
  },
};

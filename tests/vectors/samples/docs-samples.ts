// Samples of src/core/docs.
import { encodeDocUpdate, MAX_UPDATE_BYTES, type DocumentId } from '#core/docs/doc-update.ts';
import { encodeAttest, encodeDocCheckpoint, type StateHash } from '#core/docs/doc-checkpoint.ts';
import { encodeDocMove } from '#core/docs/doc-move.ts';
import { encodeDocumentState } from '#core/docs/document-state.ts';
import { encodeGuardRow } from '#core/docs/guard-row.ts';
import { encodePresence } from '#core/docs/presence.ts';
import type { DeviceId, Incarnation, MessageId, Scope } from '#core/charter/ids.ts';
import { encode } from '#core/wire/cbor.ts';
import { filler, fillerId, type StructureSamples } from './sample.ts';

const document = fillerId<DocumentId>(16, 0x10);
const incarnation = fillerId<Incarnation>(8, 0x20);

const state = fillerId<StateHash>(32, 0x60);
const covers = [
  {
    device: fillerId<DeviceId>(32),
    incarnation,
    spans: [
      { from: 0, to: 12 },
      { from: 14, to: 300 },
    ],
  },
  { device: fillerId<DeviceId>(32, 9), incarnation, spans: [{ from: 7, to: 8 }] },
];
const guard = { schema: 1, tracks: [], runs: [] };
const turned = { ...guard, runs: [9, 5].map((client) => ({ client, starts: [0], places: [31] })) };

export const docsSamples: Readonly<Record<string, StructureSamples>> = {
  'doc-update': {
    spec: 'docs/SPEC.md §3',
    accept: [
      { name: 'nothing changed', bytes: encodeDocUpdate({ document, schema: 1, update: new Uint8Array([0, 0]) }) },
      { name: 'a newer schema', bytes: encodeDocUpdate({ document, schema: 7, update: filler(40) }) },
    ],
    refuse: [
      { name: 'no docUpdate', bytes: encode({ v: 1, document: filler(16), schema: 1, update: filler(0) }) },
      {
        name: 'a docUpdate one byte too long',
        bytes: encode({ v: 1, document: filler(16), schema: 1, update: filler(MAX_UPDATE_BYTES + 1) }),
      },
      {
        name: 'a document id of 15 bytes',
        bytes: encode({ v: 1, document: filler(15), schema: 1, update: filler(2) }),
      },
    ],
  },
  'doc-move': {
    spec: 'docs/SPEC.md §10',
    accept: [
      {
        name: 'it came',
        bytes: encodeDocMove({ is: 'came', document, was: [fillerId(16, 0x30), fillerId(16, 0x40)] }),
      },
      {
        name: 'it went',
        bytes: encodeDocMove({
          is: 'went',
          document,
          to: 'stewards' as Scope,
          as: fillerId(16, 0x50),
          covers: [
            {
              device: fillerId(32),
              incarnation: fillerId(8),
              spans: [
                { from: 0, to: 12 },
                { from: 14, to: 300 },
              ],
            },
            { device: fillerId(32, 9), incarnation: fillerId(8, 9), spans: [{ from: 7, to: 8 }] },
          ],
        }),
      },
    ],
    refuse: [
      { name: 'both', bytes: encode({ v: 1, document: filler(16), was: [], to: 'x', as: filler(16), covers: [] }) },
      {
        name: 'spans that touch',
        bytes: encode({
          v: 1,
          document: filler(16),
          to: 'x',
          as: filler(16),
          covers: [[filler(32), filler(8), 0, 3, 3, 5]],
        }),
      },
      {
        name: 'a span without an end',
        bytes: encode({ v: 1, document: filler(16), to: 'x', as: filler(16), covers: [[filler(32), filler(8), 0]] }),
      },
    ],
  },
  'doc-checkpoint': {
    spec: 'docs/SPEC.md §11',
    accept: [
      {
        name: 'a part',
        bytes: encodeDocCheckpoint({ is: 'part', document, state, at: 1, bytes: filler(40) }),
      },
      {
        name: 'a claim',
        bytes: encodeDocCheckpoint({ is: 'claim', document, state, parts: 2, base: undefined, covers }),
      },
      {
        name: 'a claim that goes on from another one',
        bytes: encodeDocCheckpoint({
          is: 'claim',
          document,
          state,
          parts: 1,
          base: fillerId<MessageId>(32, 3),
          covers,
        }),
      },
    ],
    refuse: [
      {
        name: 'a part that is also a claim',
        bytes: encode({ v: 1, document: filler(16), state: filler(32), at: 0, bytes: filler(4), parts: 1 }),
      },
      {
        name: 'an empty part',
        bytes: encode({ v: 1, document: filler(16), state: filler(32), at: 0, bytes: filler(0) }),
      },
      {
        name: 'a part one byte too long',
        bytes: encode({ v: 1, document: filler(16), state: filler(32), at: 0, bytes: filler(65_537) }),
      },
      {
        name: 'a part beyond the last one there may be',
        bytes: encode({ v: 1, document: filler(16), state: filler(32), at: 16, bytes: filler(4) }),
      },
      {
        name: 'a claim of more parts than there may be',
        bytes: encode({
          v: 1,
          document: filler(16),
          state: filler(32),
          parts: 17,
          covers: [[filler(32), filler(8), 0, 3]],
        }),
      },
      {
        name: 'a claim of nothing',
        bytes: encode({ v: 1, document: filler(16), state: filler(32), parts: 1, covers: [] }),
      },
      {
        name: 'a claim without a state',
        bytes: encode({
          v: 1,
          document: filler(16),
          state: filler(32),
          parts: 0,
          covers: [[filler(32), filler(8), 0, 3]],
        }),
      },
    ],
  },
  'doc-attest': {
    spec: 'docs/SPEC.md §11',
    accept: [
      { name: 'the same', bytes: encodeAttest({ checkpoint: fillerId<MessageId>(32), agrees: true }) },
      { name: 'something else', bytes: encodeAttest({ checkpoint: fillerId<MessageId>(32), agrees: false }) },
    ],
    refuse: [{ name: 'neither', bytes: encode({ v: 1, checkpoint: filler(32), agrees: 1 }) }],
  },
  'doc-state': {
    spec: 'docs/SPEC.md §11',
    accept: [
      { name: 'nothing written', bytes: encodeDocumentState({ guard, update: new Uint8Array([0, 0]) }) },
      {
        name: 'a paragraph',
        bytes: encodeDocumentState({
          guard: {
            schema: 1,
            tracks: [
              { client: 5, author: { device: fillerId(32), incarnation: fillerId(8) }, seqs: [0, 2], clocks: [1, 3] },
              { client: 9, author: { device: fillerId(32, 8), incarnation: fillerId(8) }, seqs: [7], clocks: [4] },
            ],
            runs: [{ client: 5, starts: [0, 1], places: [31, 36] }],
          },
          update: new Uint8Array([1, 1, 5, 0, 7, 1, 4, 98, 111, 100, 121, 3, 1, 112, 0]),
        }),
      },
    ],
    refuse: [
      {
        name: 'a docUpdate that ends too early',
        bytes: encode({ v: 1, guard: encodeGuardRow({ guard, next: 0 }), update: new Uint8Array([1, 1, 5]) }),
      },
      {
        name: 'a position',
        bytes: encode({ v: 1, guard: encodeGuardRow({ guard, next: 1 }), update: new Uint8Array([0, 0]) }),
      },
      {
        name: 'clientIDs out of order',
        bytes: encode({ v: 1, guard: encodeGuardRow({ guard: turned, next: 0 }), update: new Uint8Array([0, 0]) }),
      },
    ],
  },
  'doc-presence': {
    spec: 'docs/SPEC.md §6',
    accept: [
      {
        name: 'open, no cursor',
        bytes: encodePresence({ document, incarnation, number: 0, is: 'here', selection: undefined }),
      },
      {
        name: 'a selection',
        bytes: encodePresence({
          document,
          incarnation,
          number: 3,
          is: 'here',
          selection: {
            anchor: { item: { client: 2 ** 53 - 1, clock: 9 }, type: undefined, leftward: true },
            head: { item: undefined, type: { client: 5, clock: 0 }, leftward: false },
          },
        }),
      },
      { name: 'closed', bytes: encodePresence({ document, incarnation, number: 4, is: 'gone', selection: undefined }) },
    ],
    refuse: [
      {
        name: 'a name beside the cursor',
        bytes: encode({ v: 1, document: filler(16), incarnation: filler(8), number: 0, is: 'here', name: 'Mallory' }),
      },
    ],
  },
  'guard-row': {
    spec: 'docs/SPEC.md §7',
    accept: [
      { name: 'empty', bytes: encodeGuardRow({ next: 0, guard: { schema: 0, tracks: [], runs: [] } }) },
      {
        name: 'one author',
        bytes: encodeGuardRow({
          next: 300,
          guard: {
            schema: 1,
            tracks: [
              {
                client: 77,
                author: { device: fillerId(32), incarnation: fillerId(8) },
                seqs: [0, 4, 299],
                clocks: [1, 3, 900],
              },
            ],
            runs: [{ client: 77, starts: [0, 1, 2], places: [12, 48, 300] }],
          },
        }),
      },
    ],
  },
};

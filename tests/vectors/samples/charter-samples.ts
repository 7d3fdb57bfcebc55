// Samples of src/core/charter: ops of every type, and headers. Signatures in them are filler: decoders check none.
import type {
  DeviceId,
  GrantId,
  Incarnation,
  InvitationKey,
  Kid,
  MessageId,
  OpId,
  Scope,
  SpaceId,
} from '#core/charter/ids.ts';
import type { SealingKeyId } from '#core/charter/ids.ts';
import { encodeHeader, type Header } from '#core/charter/header.ts';
import type { Rotate } from '#core/charter/key-body.ts';
import type { OpBody } from '#core/charter/op-body.ts';
import type { RoleId, Rules } from '#core/charter/rules.ts';
import { encodeOp, encodeSignedOp, type Op, type SignedOp } from '#core/charter/op.ts';
import type { Signature } from '#core/crypto/suite.ts';
import { decode, encode, type Encodable } from '#core/wire/cbor.ts';
import { filler, fillerId, type Sample, type StructureSamples } from './sample.ts';

const space = fillerId<SpaceId>(32, 0x10);
const device = fillerId<DeviceId>(32, 0x20);
const other = fillerId<DeviceId>(32, 0x30);
const opId = (first: number): OpId => fillerId<OpId>(32, first);
const grant = (first: number): GrantId => fillerId<GrantId>(33, first);
const incarnation = fillerId<Incarnation>(8, 0x50);
const head = fillerId<MessageId>(32, 0x60);
const signature = filler(64, 0x70) as Signature;

const genesis = (body: OpBody): Op => ({
  space: undefined,
  prev: [],
  own: undefined,
  under: undefined,
  auth: [],
  device,
  seq: 0,
  body,
});

const later = (body: OpBody): Op => ({
  space,
  prev: [opId(1), opId(2)],
  own: opId(3),
  under: opId(4),
  auth: [grant(5), grant(6)],
  device,
  seq: 7,
  body,
});

const selfGenesis = genesis({
  type: 'genesis',
  kind: 'self',
  founders: [{ device, recovery: other }],
});
const pairGenesis = genesis({
  type: 'genesis',
  kind: 'pair',
  founders: [
    { device: other, recovery: undefined },
    { device, recovery: fillerId(32, 0x33) },
  ],
  card: filler(200),
  consent: signature,
});
const frontier = [{ scope: 'everyone' as Scope, incarnation, seq: 41, head }];
const rotate = later({
  type: 'rotate',
  scopes: [
    {
      scope: 'everyone' as Scope,
      commitment: filler(32, 1),
      recipients: [{ device, sealingKey: fillerId<SealingKeyId>(32, 2) }],
    },
  ],
  root: filler(32, 3),
  admits: [],
});
const evidence = { type: 'equivocation', binding: grant(8), device: other, frontier } as const;
const proof = { headers: [filler(40), filler(41)], signature };

const accepted: readonly (readonly [string, Op])[] = [
  ['genesis of a pair', pairGenesis],
  ['genesis of a self space, with a recovery key', selfGenesis],
  ['a device added', later({ type: 'device', act: 'add', device: other, proof: signature, recovery: undefined })],
  [
    'a device added, naming a recovery key',
    later({ type: 'device', act: 'add', device: other, proof: signature, recovery: device }),
  ],
  ['a device ended', later({ type: 'device', act: 'end', binding: grant(9), device: other, frontier })],
  ['leaving', later({ type: 'leave' })],
  ['a leave undone', later({ type: 'unleave', leave: opId(11) })],
  ['a key rotated', rotate],
  ['relays named', later({ type: 'relays', relays: ['wss://a.example/x', 'wss://b.example/y'] })],
  ['two ops with one number', later({ ...evidence, evidence: 'ops', first: opId(12), second: opId(13) })],
  ['two headers with one number', later({ ...evidence, evidence: 'headers', first: proof, second: proof })],
  ['a promise broken', later({ ...evidence, evidence: 'broken-promise', header: proof, op: opId(14) })],
  ['a card answered twice', later({ type: 'void', other: filler(300) })],
];

const rules: Rules = {
  roles: [
    { id: 'steward' as RoleId, label: 'Steward', can: ['invite', 'revoke', 'grant:guide'], level: 2 },
    { id: 'guide' as RoleId, label: 'Guide', can: [], level: 0 },
  ],
  members: ['post', 'propose'],
  history: { chat: 'none', docs: 'checkpoint', retainDays: 30 },
  rotateDays: 7,
  quorum: { admit: 2, revoke: 'majority' },
  deviceCap: 16,
  addresses: 'hidden',
  knock: ['Who sent you?'],
  successionDays: 45,
};
const groupGenesis = genesis({
  type: 'genesis',
  kind: 'group',
  name: 'Garden',
  rules,
  founders: [
    { device, recovery: undefined, roles: ['steward' as RoleId], consent: undefined },
    { device: other, recovery: fillerId(32, 0x34), roles: [], consent: signature },
  ],
});
const join: Op = {
  ...later({
    type: 'join',
    invite: opId(15),
    key: fillerId<InvitationKey>(32, 0x35),
    proof: signature,
    recovery: other,
  }),
  own: undefined,
  auth: [],
  seq: 0,
};
const deviceFrontier = [{ device: other, ...frontier[0]! }];
const revoke = { type: 'revoke', grant: grant(16), frontier: deviceFrontier, cascade: true } as const;
const admit = { type: 'grant', act: 'admit', device: other, proof: signature, recovery: undefined } as const;
const ofGroups: readonly (readonly [string, Op])[] = [
  ['genesis of a group', groupGenesis],
  ['an invitation', later({ type: 'invite', key: fillerId<InvitationKey>(32, 0x35), uses: 3 })],
  [
    'an invitation to a role',
    later({ type: 'invite', key: fillerId<InvitationKey>(32, 0x35), uses: 1, role: 'guide' as RoleId }),
  ],
  ['a newcomer joins', join],
  ['somebody who knocked is admitted', later({ ...admit, roles: ['guide' as RoleId] })],
  ['a role granted', later({ type: 'grant', act: 'role', on: grant(17), role: 'guide' as RoleId })],
  ['a membership revoked, with what hangs on it', later(revoke)],
  ['a revocation completed', later({ type: 'frontier', revoke: opId(18), frontier: deviceFrontier })],
  ['leaving a role', later({ type: 'leave', role: grant(19) })],
  ['new rules', later({ type: 'charter', rules, frontier: [] })],
  ['new rules proposed', later({ type: 'propose', act: { type: 'charter', rules, frontier: [] } })],
  ['a removal proposed', later({ type: 'propose', act: revoke })],
  ['an admission proposed', later({ type: 'propose', act: { ...admit, roles: [] } })],
  ['relays proposed', later({ type: 'propose', act: { type: 'relays', relays: ['/r'] } })],
  ['an endorsement', later({ type: 'endorse', proposal: opId(20) })],
  ['a completing endorsement', later({ type: 'endorse', proposal: opId(20), counted: [opId(21), opId(22)] })],
  ['a completing endorsement that counts no other', later({ type: 'endorse', proposal: opId(20), counted: [] })],
  [
    'a card for other groups',
    later({ type: 'card', number: 2, expires: 20_000, key: other, card: filler(50), signature }),
  ],
  ['a key rotated for newcomers', later({ ...(rotate.body as Rotate), admits: [opId(23)] })],
];

const first = { ...later({ type: 'leave' }), own: undefined, seq: 0 };
const leaveMap = mapOf(encodeOp(later({ type: 'leave' })));
const pairMap = mapOf(encodeOp(pairGenesis));
const groupMap = mapOf(encodeOp(groupGenesis));
const founded = (change: (body: Record<string, Encodable>) => Encodable): Uint8Array =>
  encode({ ...groupMap, body: change(groupMap['body'] as Record<string, Encodable>) });
const ruled = (change: Record<string, Encodable>): Uint8Array =>
  founded((body) => ({ ...body, charter: { ...(body['charter'] as Record<string, Encodable>), ...change } }));
const [steward, guide] = (groupMap['body'] as { charter: { roles: Encodable[] } }).charter.roles as [
  Record<string, Encodable>,
  Record<string, Encodable>,
];

const op: StructureSamples = {
  spec: 'charter/SPEC.md §2',
  accept: [
    ...accepted.map(([name, value]): Sample => ({ name, bytes: encodeOp(value) })),
    { name: 'the first op of a device', bytes: encodeOp(first) },
    { name: 'a type of a newer app, kept and not read', bytes: encode({ ...leaveMap, type: 'poll', body: { q: 1 } }) },
    { name: 'a newer version, kept and not read', bytes: encode({ ...leaveMap, v: 2, more: [1] }) },
    ...ofGroups.map(([name, value]): Sample => ({ name, bytes: encodeOp(value) })),
    {
      name: 'a false body of a type that came with groups, kept and not read',
      bytes: encode({ ...leaveMap, type: 'revoke', body: { nothing: 1 } }),
    },
    {
      name: 'a join that cites grants, kept and not read',
      bytes: encode({ ...leaveMap, type: 'join', body: mapOf(encodeOp(join))['body']! }),
    },
  ],
  refuse: [
    { name: 'suite 0', bytes: encode({ ...leaveMap, suite: 0 }) },
    { name: 'prev not ascending', bytes: encode({ ...leaveMap, prev: [filler(32, 2), filler(32, 1)] }) },
    { name: 'prev twice the same', bytes: encode({ ...leaveMap, prev: [filler(32, 1), filler(32, 1)] }) },
    { name: 'nine in prev', bytes: encode({ ...leaveMap, prev: Array.from({ length: 9 }, (_, i) => filler(32, i)) }) },
    { name: 'nothing in prev', bytes: encode({ ...leaveMap, prev: [] }) },
    { name: 'a membership and no binding', bytes: encode({ ...leaveMap, auth: [filler(33)] }) },
    { name: 'a grant id of 32 bytes', bytes: encode({ ...leaveMap, auth: [filler(33), filler(32)] }) },
    { name: 'own missing after the first', bytes: encode(without(leaveMap, 'own')) },
    { name: 'own at the first', bytes: encode({ ...leaveMap, seq: 0 }) },
    { name: 'a later op without a space', bytes: encode(without(leaveMap, 'space')) },
    { name: 'a foreign field in a body', bytes: encode({ ...leaveMap, body: { x: 1 } }) },
    { name: 'a genesis that names a space', bytes: encode({ ...pairMap, space: filler(32) }) },
    { name: 'a genesis of nobody', bytes: encode({ ...pairMap, body: { kind: 'self', founders: [] } }) },
    {
      name: 'a pair of one device',
      bytes: encodeOp({
        ...pairGenesis,
        body: {
          ...(pairGenesis.body as Extract<OpBody, { kind: 'pair' }>),
          founders: [
            { device, recovery: undefined },
            { device, recovery: undefined },
          ],
        },
      }),
    },
    { name: 'a group of nobody', bytes: founded((body) => ({ ...body, founders: [] })) },
    {
      name: 'a first founder who consents besides',
      bytes: founded((body) => ({ ...body, founders: (body['founders'] as Encodable[]).toReversed() })),
    },
    { name: 'a role twice', bytes: ruled({ roles: [steward, guide, guide] }) },
    { name: 'a role that grants an unknown one', bytes: ruled({ roles: [steward] }) },
    { name: 'a role that grants one above it', bytes: ruled({ roles: [steward, { ...guide, level: 3 }] }) },
    { name: 'a role called everyone', bytes: ruled({ roles: [steward, guide, { ...guide, id: 'everyone' }] }) },
    { name: 'a right nobody knows', bytes: ruled({ roles: [steward, { ...guide, can: ['fly'] }] }) },
    { name: 'a right twice', bytes: ruled({ roles: [steward, { ...guide, can: ['post', 'post'] }] }) },
    { name: 'power for every member', bytes: ruled({ members: ['revoke'] }) },
    { name: 'keys that are never rotated', bytes: ruled({ rotateDays: 0 }) },
    { name: 'nobody’s device', bytes: ruled({ deviceCap: 0 }) },
    { name: 'a join with an own op', bytes: encode({ ...mapOf(encodeOp(join)), own: filler(32, 1) }) },
    { name: 'a join without a space', bytes: encode(without(mapOf(encodeOp(join)), 'space')) },
    { name: 'a kind of space nobody knows', bytes: encode({ ...pairMap, body: { kind: 'crowd', founders: [] } }) },
  ],
};

const signedOp: StructureSamples = {
  spec: 'charter/SPEC.md §2',
  accept: [
    { name: 'a signed leave', bytes: signed(encodeOp(later({ type: 'leave' }))) },
    { name: 'a signed genesis', bytes: signed(encodeOp(pairGenesis)) },
  ],
  refuse: [
    { name: 'a signature of 63 bytes', bytes: encode([encodeOp(first), filler(63)]) },
    { name: 'no op inside', bytes: encode([filler(10), signature]) },
  ],
};

/** Also used by samples of chains and of sync. */
export const sampleHeader: Header = {
  space,
  scope: 'everyone' as Scope,
  kid: fillerId<Kid>(16, 0x41),
  device,
  incarnation,
  seq: 3,
  n: 2,
  lamport: 12,
  own: head,
  seen: [fillerId(32, 0x61), fillerId(32, 0x62)],
  charter: [opId(1)],
  opSeq: 4,
  under: opId(2),
  auth: [grant(5), grant(6)],
  kind: 'chat',
  bodyHash: filler(32, 0x63),
  bodyLength: 40,
};
const firstHeader: Header = {
  ...sampleHeader,
  seq: 0,
  n: undefined,
  own: undefined,
  seen: [],
  lamport: 1,
  kind: 'doc.update',
};
const items = decode(encodeHeader(sampleHeader), 'sample', 4_096) as Encodable[];
const changed = (at: number, item: Encodable): Uint8Array => encode(items.map((old, i) => (i === at ? item : old)));

const header: StructureSamples = {
  spec: 'chain/SPEC.md §2',
  accept: [
    { name: 'in the middle of a chain', bytes: encodeHeader(sampleHeader) },
    { name: 'the first of a chain, under the document key', bytes: encodeHeader(firstHeader) },
    { name: 'largest numbers', bytes: encodeHeader({ ...sampleHeader, seq: 2 ** 53 - 1, lamport: 2 ** 53 - 1 }) },
  ],
  refuse: [
    { name: 'version 2', bytes: changed(0, 2) },
    { name: 'a space of 31 bytes', bytes: changed(1, filler(31)) },
    { name: 'a kid of 32 bytes', bytes: changed(3, filler(32)) },
    { name: 'a negative number', bytes: changed(6, -1) },
    { name: 'own missing after the first', bytes: changed(9, null) },
    { name: 'own at the first', bytes: changed(6, 0) },
    { name: 'lamport 0', bytes: changed(8, 0) },
    {
      name: 'nine in seen',
      bytes: changed(
        10,
        Array.from({ length: 9 }, (_, i) => filler(32, i)),
      ),
    },
    { name: 'seen not ascending', bytes: changed(10, [filler(32, 2), filler(32, 1)]) },
    { name: 'no charter head', bytes: changed(11, []) },
    { name: 'a membership and no binding', bytes: changed(14, [filler(33)]) },
    { name: 'a kind of 65 bytes', bytes: changed(15, 'x'.repeat(65)) },
    { name: 'a body hash of 31 bytes', bytes: changed(16, filler(31)) },
  ],
};

export const charterSamples: Readonly<Record<string, StructureSamples>> = { op, 'signed-op': signedOp, header };

/** CBOR [bytes, signature]. */
function signed(bytes: Uint8Array): Uint8Array {
  return encodeSignedOp({ bytes, signature } as unknown as SignedOp);
}

function mapOf(bytes: Uint8Array): Readonly<Record<string, Encodable>> {
  return decode(bytes, 'sample', 65_536) as Record<string, Encodable>;
}

function without(map: Readonly<Record<string, Encodable>>, key: string): Encodable {
  return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key));
}

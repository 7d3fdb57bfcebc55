// A device with nothing on it that asks to become a further one of the person who shows a code. The request waits at the
// relay node, and so does the answer: either side may be gone meanwhile.

import { hex } from '#core/bytes/bytes.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import { addDeviceBody } from '#core/charter/write-op.ts';
import { COINS_BYTES } from '#core/crypto/suite.ts';
import { decodeDeviceCode, deviceCodeTopicSeed, type DeviceCode } from '#core/identity/device-code.ts';
import { deviceNumber, sealDeviceRequest, type DeviceRequest } from '#core/identity/device-request.ts';
import { encodeSignedRecord } from '#core/keys/device-record.ts';
import { newLeaf } from '#core/keys/leaf.ts';
import { makeEnvelope, topicKeyOf } from '#core/mailbox/topic-key.ts';
import { SECOND, type Millis, type RelayAddress } from '#core/ports.ts';
import type { DeviceJoining, JoinProblem } from '../api.ts';
import { depositOnceSaved } from '../traffic/deposit.ts';
import { LiveValue } from '../live-value.ts';
import { freshLeafKey, publishRecord } from '../space/author.ts';
import { drawIncarnation, freshDevice } from '../space/found.ts';
import { Replica } from '../space/replica.ts';
import type { OwnDevicesPorts } from './own-devices-ports.ts';
import { namesOfSpace, putJoin, rowsOfSpace, type JoinRow } from './own-rows.ts';
import type { Siblings } from './siblings.ts';
import { selfPrincipal } from './taking-in.ts';

const RETRY_AFTER = (5 * SECOND) as Millis;
/** The request is of no use when the code is long over. */
const REQUEST_DAYS = 1;

export class Joining {
  readonly live = new LiveValue<DeviceJoining>({ is: 'none' });
  readonly #ports: OwnDevicesPorts;
  readonly #siblings: Siblings;
  #row: JoinRow | undefined;
  #replica: Replica | undefined;
  readonly #busy = new Set<RelayAddress>();

  constructor(ports: OwnDevicesPorts, siblings: Siblings) {
    this.#ports = ports;
    this.#siblings = siblings;
    siblings.awaited.receiving.subscribe(() => this.#showWaiting());
  }

  /** After the spaces were read. */
  load(row: JoinRow | undefined): void {
    const replica = this.#ports.joining();
    if (row === undefined || replica === undefined) {
      if (replica !== undefined) this.#ports.queue.later(() => this.#removeSpace(replica.identity.space));
      this.#showWaiting();
      return;
    }
    this.#row = row;
    this.#watch(replica);
    this.#show();
  }

  async join(text: string, name: string): Promise<'asked' | JoinProblem> {
    const code = decodeDeviceCode(text);
    if (typeof code === 'string') return code;
    const { queue, disk, clock, isEmpty } = this.#ports;
    if (code.until <= clock.now()) return 'expired';
    if (disk.state !== 'well') return 'no-room';
    const answer = await queue.run(async () => {
      if (!isEmpty() || this.#siblings.others.length > 0) return 'not-empty' as const;
      if (this.#replica !== undefined) this.#forget();
      await this.#ask(code, name);
      return 'asked' as const;
    });
    await disk.flush();
    return answer;
  }

  async cancel(): Promise<void> {
    await this.#ports.queue.run(() => this.#forget());
    await this.#ports.disk.flush();
  }

  relays(): readonly RelayAddress[] {
    return this.#row?.code.relays ?? [];
  }

  /** A relay node is there: leaves the request. Part of an event. */
  async deliver(): Promise<void> {
    const row = this.#row;
    if (row === undefined || row.isLeft) return;
    for (const relay of row.code.relays) await this.#leave(row, relay);
  }

  async #ask(code: DeviceCode, name: string): Promise<void> {
    const { context, engine, disk, expectGroup } = this.#ports;
    expectGroup();
    const fresh = await freshDevice(context);
    const { device, seed, inboxSecret } = fresh;
    const space = hex.encode(code.space) as SpaceId;
    const leaf = newLeaf(await freshLeafKey(context.suite, context.random));
    const identity = { space, kind: 'self', device, seed, inboxSecret, relays: code.relays, card: undefined } as const;
    const replica = new Replica(context, { identity, leaf, incarnation: drawIncarnation(context) });
    await publishRecord(replica);
    const bound = await addDeviceBody(fresh, { space, principal: selfPrincipal(space) }, context.suite);
    const request: DeviceRequest = {
      device: hex.decode(device)!,
      proof: bound.proof,
      record: encodeSignedRecord(replica.records.get(device)!),
      sealingKey: await this.#siblings.sealingKey(),
      name,
    };
    const blob = await sealDeviceRequest(context.suite, code, { request, coins: context.random.bytes(COINS_BYTES) });
    replica.putIdentity();
    this.#row = { code, request, blob, isLeft: false };
    putJoin(disk, this.#row);
    engine.add(replica, undefined, true);
    this.#watch(replica);
    this.#show();
    engine.wantRelays();
    await this.deliver();
  }

  #watch(replica: Replica): void {
    this.#replica = replica;
    const look = (): void => void this.#ports.queue.run(() => this.#lookIn(replica));
    replica.events = { settled: () => undefined, waiting: () => undefined, restood: () => undefined, changed: look };
    look();
  }

  /** In: the other device has bound this one's key and given it the keys of the space. */
  async #lookIn(replica: Replica): Promise<void> {
    if (this.#replica !== replica || replica.me?.isLive !== true || replica.keys.rendezvous === undefined) return;
    const name = this.#row?.request.name ?? '';
    const { joined, self, engine, disk } = this.#ports;
    const before = self().identity.space;
    this.#replica = undefined;
    this.#row = undefined;
    putJoin(disk, undefined);
    joined(replica);
    this.#removeSpace(before);
    await this.#siblings.attach(true);
    this.#siblings.acknowledgeAll();
    await this.#siblings.introduce(name);
    disk.hurry();
    engine.wantRelays();
    this.#showWaiting();
  }

  #forget(): void {
    const replica = this.#replica;
    this.#replica = undefined;
    this.#row = undefined;
    putJoin(this.#ports.disk, undefined);
    if (replica !== undefined) void this.#ports.queue.later(() => this.#removeSpace(replica.identity.space));
    this.live.set({ is: 'none' });
  }

  /** Part of an event, with which it is gone: what else is of it is read by nobody, and goes when nobody waits. */
  #removeSpace(space: SpaceId): void {
    const { engine, disk, rows, queue } = this.#ports;
    engine.remove(space);
    engine.wantRelays();
    for (const { collection, id } of namesOfSpace(space)) disk.put(collection, id, null);
    const removeRest = (): Promise<void> =>
      queue
        .beside(() => rowsOfSpace(rows, space))
        .then((rest) => queue.run(() => rest.forEach(({ collection, id }) => disk.put(collection, id, null))))
        .catch(() => undefined);
    // What it was about to write is on disk then.
    disk.durable((outcome) => void (outcome === 'saved' && disk.unhurried(() => void removeRest())));
  }

  async #leave(row: JoinRow, relay: RelayAddress): Promise<void> {
    const { context, disk, queue, clock, engine } = this.#ports;
    const client = engine.relays.client(relay);
    if (client === undefined || this.#busy.has(relay)) return;
    this.#busy.add(relay);
    const key = await topicKeyOf(context.suite, deviceCodeTopicSeed(row.code));
    const expiryDay = client.day + REQUEST_DAYS;
    const envelope = await makeEnvelope(context.suite, key, { blob: row.blob, expiryDay });
    // On disk before it is sent: the answer is for keys that must not be forgotten.
    depositOnceSaved({ disk, queue }, { client, envelopes: [envelope] }, (isStored) => {
      this.#busy.delete(relay);
      if (isStored) this.#left(row);
      else clock.after(RETRY_AFTER, () => void queue.run(() => this.deliver()));
    });
  }

  #left(row: JoinRow): void {
    if (this.#row !== row) return;
    this.#row = { ...row, isLeft: true };
    putJoin(this.#ports.disk, this.#row);
    this.#show();
  }

  #show(): void {
    const row = this.#row;
    if (row === undefined) return;
    const { code, request, isLeft } = row;
    this.live.set({ is: 'asking', number: deviceNumber(code, request), until: code.until, isLeft });
  }

  #showWaiting(): void {
    if (this.#row !== undefined) return;
    const receiving = this.#siblings.awaited.receiving.current;
    if (receiving !== undefined) this.live.set({ is: 'receiving', ...receiving });
    else if (this.live.current.is !== 'none') this.live.set({ is: 'none' });
  }
}

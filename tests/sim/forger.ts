// A contact who is out for harm: an ordinary app whose owner also sends what no app would, under keys that are in order.

import { parseUpdateMeta } from 'yjs';
import type { ContactId } from '#app/api.ts';
import type { ContentMessage, ContentSpace, OpenDocuments, SpaceContents } from '#app/space-content.ts';
import { openDocuments } from '#app/documents/documents.ts';
import type { MessageId } from '#core/charter/ids.ts';
import { hex, type Bytes } from '#core/bytes/bytes.ts';
import { clientIdOf } from '#core/docs/client-id.ts';
import { decodeDocUpdate } from '#core/docs/doc-update.ts';
import type { FaultKind } from './faults.ts';
import { Person } from './person.ts';
import { SimDisk } from './sim-disk.ts';
import { poison } from './poison.ts';

export class Forger extends Person {
  override readonly isHonest = false;
  protected readonly kind: FaultKind = 'hostile contact';
  #contents: SpaceContents | undefined;
  readonly #seen: ContentMessage[] = [];
  /** The last unlocking: which coins, and what was on the disk. */
  #unlocked: { readonly life: number; readonly disk: SimDisk } | undefined;
  #again: number | undefined;
  readonly #forged = new Set<string>();
  /** By document and incarnation: where one's own clock stands after what was written in earnest. */
  readonly #clocks = new Map<string, number>();

  /** Sends one poisoned message into one of the spaces. */
  strike(): void {
    const contents = this.#contents;
    const spaces = contents?.spaces.current ?? [];
    if (contents === undefined || spaces.length === 0) return;
    const { space, device, incarnation } = this.dice.pick(spaces);
    const seen = this.#seen.filter((message) => message.space === space);
    const { name, bodies } = poison(this.dice, {
      seen,
      author: { device, incarnation },
      message: this.messageOf(space),
      nextClock: (document) => this.#clocks.get(`${document}/${incarnation}`) ?? 0,
    });
    this.world.note('strike', name, bodies.length);
    this.world.faults.strike(this.kind);
    for (const { body } of bodies) this.#forged.add(hex.encode(body));
    for (const { kind, body } of bodies) this.#send(contents, space, kind, body);
  }

  /**
   * Goes back to how everything was at the last unlocking and throws the same coins: from here on there are two of each
   * message, and whoever has the first ones is told others.
   */
  fork(): void {
    if (this.session === undefined || this.#unlocked === undefined) return;
    this.world.note('fork', this.name);
    this.world.faults.strike(this.kind);
    this.crash();
    this.disk.copyFrom(this.#unlocked.disk);
    this.#again = this.#unlocked.life;
  }

  protected override nextLife(): number {
    const life = this.#again ?? super.nextLife();
    this.#again = undefined;
    const disk = new SimDisk(this.world, this.dice);
    disk.copyFrom(this.disk);
    this.#unlocked = { life, disk };
    return life;
  }

  /** A message of somebody else there. */
  protected messageOf(space: ContentSpace): MessageId | undefined {
    const timeline = this.session?.conversation(space as string as ContactId).timeline.current ?? [];
    const theirs = timeline.filter((entry) => entry.is === 'message').filter(({ mine, deleted }) => !mine && !deleted);
    return theirs.length === 0 ? undefined : this.dice.pick(theirs).id;
  }

  protected override documentsPort(): OpenDocuments {
    return (host) => {
      this.#contents = host.contents;
      host.contents.listen('doc.update', (message) => this.#see(message));
      return openDocuments(host);
    };
  }

  #see(message: ContentMessage): void {
    this.#seen.push(message);
    if (!message.mine || this.#forged.has(hex.encode(message.body))) return;
    const { document, update } = decodeDocUpdate(message.body);
    const own = clientIdOf({ device: message.author, incarnation: message.incarnation }, document);
    const clock = parseUpdateMeta(update).to.get(own);
    if (clock !== undefined) this.#clocks.set(`${document}/${message.incarnation}`, clock);
  }

  /** The session's own door knows one kind; a forger's app would know all. */
  #send(contents: SpaceContents, space: ContentSpace, kind: string, body: Bytes): void {
    void contents.publish(space, kind as 'doc.update', body).catch(() => undefined);
  }
}

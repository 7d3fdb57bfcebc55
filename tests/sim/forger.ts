// A contact who is out for harm: an ordinary app whose owner also sends what no app would, under keys that are in order.

import type { ContactId } from '#app/api.ts';
import type { OpenDocuments, SpaceContents, ContentMessage } from '#app/space-content.ts';
import { openDocuments } from '#app/documents/documents.ts';
import type { MessageId, SpaceId } from '#core/charter/ids.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import { Person } from './person.ts';
import { poison } from './poison.ts';

export class Forger extends Person {
  #contents: SpaceContents | undefined;
  readonly #seen: ContentMessage[] = [];

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
      message: this.#messageOf(space),
    });
    this.world.note('strike', name, bodies.length);
    this.world.faults.strike('hostile contact');
    for (const { kind, body } of bodies) this.#send(contents, space, kind, body);
  }

  #messageOf(space: SpaceId): MessageId | undefined {
    const timeline = this.session?.conversation(space as string as ContactId).timeline.current ?? [];
    const theirs = timeline.filter((entry) => entry.is === 'message').filter(({ mine, deleted }) => !mine && !deleted);
    return theirs.length === 0 ? undefined : this.dice.pick(theirs).id;
  }

  protected override documentsPort(): OpenDocuments {
    return (host) => {
      this.#contents = host.contents;
      host.contents.listen('doc.update', (message) => void this.#seen.push(message));
      return openDocuments(host);
    };
  }

  /** The session's own door knows one kind; a forger's app would know all. */
  #send(contents: SpaceContents, space: SpaceId, kind: string, body: Bytes): void {
    void contents.publish(space, kind as 'doc.update', body).catch(() => undefined);
  }
}

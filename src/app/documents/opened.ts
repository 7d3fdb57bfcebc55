// A document as who has it open sees it.

import type { DocumentId, OpenDocument } from '../api.ts';
import type { SpaceContents } from '../space-content.ts';
import type { DocumentAuthor } from './document-api.ts';
import type { Shelved } from './shelf.ts';

export interface OpenedPorts {
  readonly contents: Pick<SpaceContents, 'nameOf' | 'personOf'>;
  putBack(shelved: Shelved): Promise<void>;
}

export class Opened implements OpenDocument {
  readonly #shelved: Shelved;
  readonly #ports: OpenedPorts;
  #open = true;

  constructor(shelved: Shelved, ports: OpenedPorts) {
    this.#shelved = shelved;
    this.#ports = ports;
  }

  get id(): DocumentId {
    return this.#shelved.live.id;
  }

  get doc(): OpenDocument['doc'] {
    return this.#shelved.live.doc;
  }

  /** Made when first asked for: it has a timer of its own, which a document nobody looks at does not need. */
  get awareness(): OpenDocument['awareness'] {
    return this.#shelved.presence().awareness;
  }

  get mode(): OpenDocument['mode'] {
    return this.#shelved.live.mode;
  }

  get isOver(): OpenDocument['isOver'] {
    return this.#shelved.isOver;
  }

  authorOf(client: number): DocumentAuthor | undefined {
    const { live } = this.#shelved;
    const device = live.deviceOf(client);
    if (device === undefined) return undefined;
    const { contents } = this.#ports;
    return { person: contents.personOf(live.space, device), name: contents.nameOf(live.space, device) };
  }

  get saved(): OpenDocument['saved'] {
    return this.#shelved.live.outgoing.state;
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#shelved.live.outgoing.flush();
    await this.#ports.putBack(this.#shelved);
  }
}

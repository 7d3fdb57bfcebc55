// A member whose app is older than the others’: it knows neither tasks nor documents of groups, reads the rest, and hands
// on what it does not understand.

import { Person, type Book, type BookPorts } from './person.ts';

/** What such an app knows beside chat. */
const KINDS: ReadonlySet<string> = new Set(['channel', 'receipt', 'doc.update']);

export class OldApp extends Person {
  isUpdated = false;

  protected override groupsPort(ports: BookPorts): Book {
    return super.groupsPort(this.isUpdated ? ports : { ...ports, kinds: KINDS });
  }

  /** From the next start on. */
  update(): void {
    this.isUpdated = true;
  }
}

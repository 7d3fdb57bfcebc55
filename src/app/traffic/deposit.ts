// Leaving sealed mail at a relay node, never before what it says is on the own disk.

import type { MailboxClient } from '#core/mailbox/client.ts';
import type { Envelope } from '#core/wire/envelope.ts';
import type { Disk } from '../disk.ts';
import type { EventQueue } from '../event-queue.ts';

/** Envelopes under way at a time: a relay node that is full is not sent all the others as well. */
const AT_ONCE = 8;

/** All of them, in this order, some at a time; false when the relay node did not take one. */
export async function deposit(client: MailboxClient, envelopes: readonly Envelope[]): Promise<boolean> {
  try {
    for (let from = 0; from < envelopes.length; from += AT_ONCE) {
      const some = envelopes.slice(from, from + AT_ONCE);
      const answers = await Promise.all(some.map((envelope) => client.deposit(envelope)));
      if (answers.some((answer) => answer !== 'stored')) return false;
    }
    return true;
  } catch {
    // The relay node went away; what it stored already is harmless twice.
    return false;
  }
}

/**
 * Deposits when everything changed so far is on disk: nobody may build upon what its author could still forget.
 * `done` then runs as an event; it never does when the disk ended before.
 */
export function depositOnceSaved(
  ports: { readonly disk: Disk; readonly queue: EventQueue },
  mail: { readonly client: MailboxClient; readonly envelopes: readonly Envelope[] },
  done: (isStored: boolean) => void | Promise<void>,
): void {
  ports.disk.durable((outcome) => {
    if (outcome !== 'saved') return;
    void deposit(mail.client, mail.envelopes).then((isStored) => ports.queue.run(() => done(isStored)));
  });
}

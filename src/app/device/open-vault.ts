// One unlocking: the disk, its rows, the session over them, and how they end together.

import { wipe, type Bytes } from '#core/bytes/bytes.ts';
import { SECOND, type Millis } from '#core/ports.ts';
import type { RowDisk } from '#core/vault/row-disk.ts';
import type { SealedRows } from '#core/vault/sealed-rows.ts';
import { askAgain } from '#core/vault/vault.ts';
import type { OpenSession } from '../session-ports.ts';
import type { DeviceParts } from './device-parts.ts';
import { KeepingStatus } from './keeping-status.ts';

/** How long a session gets to put everything on disk; another tab that wants the vault waits about as long. */
const PATIENCE = (4 * SECOND) as Millis;

export class OpenVault {
  readonly session: OpenSession;
  readonly #parts: DeviceParts;
  readonly #disk: RowDisk;
  readonly #keeping: KeepingStatus;
  #stopWatching: () => void = () => undefined;
  readonly #stopListening: (() => void) | undefined;

  private constructor(parts: DeviceParts, disk: RowDisk, session: OpenSession, keeping: KeepingStatus) {
    this.#parts = parts;
    this.#disk = disk;
    this.session = session;
    this.#keeping = keeping;
    this.#stopListening = parts.onleaving?.(() => session.goodbye());
  }

  /** Closes the disk and rejects when the session cannot start. */
  static async open(
    parts: DeviceParts,
    disk: RowDisk,
    { rows, secondKey }: { readonly rows: SealedRows; readonly secondKey: Bytes | undefined },
  ): Promise<OpenVault> {
    const keeping = new KeepingStatus({ clock: parts.clock, storage: parts.storage, rows });
    try {
      parts.attachDocuments?.(rows);
      const session = await parts.openSession({
        rows,
        keeping: keeping.live,
        askPassphrase: (passphrase) => askAgain({ disk, stretch: parts.stretch }, passphrase),
        secondKey,
        sealBackup: async (state, passphrase) => {
          const file = await parts.backups.seal(state, passphrase);
          await keeping.noteBackup();
          return file;
        },
      });
      const vault = new OpenVault(parts, disk, session, keeping);
      vault.#watch();
      void keeping.start();
      return vault;
    } catch (cause) {
      keeping.close();
      parts.attachDocuments?.(undefined);
      await disk.close();
      throw cause;
    } finally {
      if (secondKey !== undefined) wipe(secondKey);
    }
  }

  /** Puts everything acknowledged on disk, as far as there is one, and forgets the keys. */
  async close(isGone: boolean): Promise<void> {
    if (isGone) this.#keeping.noteGone();
    this.#stopWatching();
    this.#stopListening?.();
    // A session that fails to end must not keep the vault open, nor this tab from unlocking again.
    await this.#soon(this.session.close());
    this.#keeping.close();
    this.#parts.attachDocuments?.(undefined);
    this.#disk.onended = undefined;
    await this.#disk.close();
  }

  /** Resolves with the work, whatever became of it, or when patience ends. */
  #soon(work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(PATIENCE, resolve);
      void work
        .catch(() => undefined)
        .finally(() => {
          cancel();
          resolve();
        });
    });
  }

  /** The first contact is the first thing worth keeping: before it, asking would be a question without a reason. */
  #watch(): void {
    const { contacts } = this.session.people;
    const look = (): void => {
      if (contacts.current.length > 0) void this.#keeping.askToPersist();
    };
    this.#stopWatching = contacts.subscribe(look);
    look();
  }
}

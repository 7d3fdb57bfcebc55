// The device as screens see it: makes, opens, locks and restores the vault, and shares it with other tabs in turn.
//
// Invariants
// 1. One action at a time; an action begins after the last vault was closed whole.
// 2. The vault is open only while this tab holds the lock and its claim on the disk.
// 3. A new identity is made only when a person asked for one and no vault is there.

import type { Bytes } from '#core/bytes/bytes.ts';
import { StorageFault } from '#core/ports.ts';
import type { RowDisk } from '#core/vault/row-disk.ts';
import type { SealedRows } from '#core/vault/sealed-rows.ts';
import { clearUnfinishedVault, createVault, eraseVault, unlockVault, type VaultPorts } from '#core/vault/vault.ts';
import { readVault } from '#core/vault/vault-header.ts';
import type { Device, DeviceState, RestoreAnswer, UnlockAnswer } from '../api.ts';
import type { InvitationReading } from '../groups/group-api.ts';
import { LiveValue } from '../live-value.ts';
import type { ImportAnswer } from '../session-ports.ts';
import type { DeviceParts } from './device-parts.ts';
import { noteRestored } from './keeping-status.ts';
import { OpenVault } from './open-vault.ts';

const CLAIM_BYTES = 16;

/** Exported state that the session does not take in; ends the making of the vault. */
class ImportRefused extends Error {
  readonly answer: Exclude<ImportAnswer, 'imported'>;
  constructor(answer: Exclude<ImportAnswer, 'imported'>) {
    super(`import: ${answer}`);
    this.answer = answer;
  }
}

export class VaultDevice implements Device {
  readonly state: LiveValue<DeviceState>;
  /** Resolves when the state is what the disk says and no longer the guess of the first moment. */
  readonly ready: Promise<void>;
  readonly #parts: DeviceParts;
  #open: OpenVault | undefined;
  /** Settles when the last action has (invariant 1). */
  #turn: Promise<unknown> = Promise.resolve();
  #stopWaiting: AbortController | undefined;
  /** Between a passphrase that was right and the session it opens. */
  #secondKey: Bytes | undefined;

  constructor(parts: DeviceParts) {
    this.#parts = parts;
    // The marker is right nearly always, so that the first screen need not wait for the disk.
    this.state = new LiveValue<DeviceState>({ is: parts.marker?.isSet() === true ? 'locked' : 'empty' });
    parts.lock.onlost = () => void this.#inTurn(() => this.#giveUp('elsewhere'));
    parts.lock.ontaken = () => {
      if (this.#isIdle()) this.#waitElsewhere();
    };
    this.ready = this.#inTurn(() => this.#look());
  }

  static async start(parts: DeviceParts): Promise<VaultDevice> {
    const device = new VaultDevice(parts);
    await device.ready;
    return device;
  }

  create(passphrase: string): Promise<'open' | 'no-room' | 'elsewhere'> {
    return this.#inTurn(async () => {
      const before = this.state.current;
      if (before.is !== 'empty' && before.is !== 'gone') throw new Error('there is a vault already');
      return this.#make('create', passphrase, () => Promise.resolve()).catch((cause: unknown) => {
        if (cause instanceof StorageFault) return 'no-room' as const;
        throw cause;
      });
    });
  }

  /** Fetched when it is wanted: most people come without one. */
  async readInvitation(code: string): Promise<InvitationReading> {
    const { readInvitation } = await import('../joining/invitation-reading.ts');
    return readInvitation(code);
  }

  unlock(passphrase: string): Promise<UnlockAnswer> {
    return this.#inTurn(async () => {
      if (this.state.current.is === 'open') return 'open';
      if (!(await this.#takeLock())) return 'elsewhere';
      const disk = await this.#openDisk();
      if (disk === undefined) return this.#refuse('broken');
      const answer = await unlockVault(this.#vaultPorts(disk, 'unlock'), passphrase).catch(() => undefined);
      if (answer?.is === 'open') {
        return this.#enter(disk, answer.rows).then(
          () => 'open' as const,
          () => this.#refuse('broken'),
        );
      }
      await disk.close();
      if (answer?.is === 'none') await this.#look();
      return answer?.is === 'wrong-passphrase' ? this.#refuse('wrong-passphrase') : this.#refuse('broken');
    });
  }

  restore(backup: Uint8Array, backupPassphrase: string, newPassphrase: string): Promise<RestoreAnswer> {
    return this.#inTurn(async () => {
      const before = this.state.current;
      if (!this.#isIdle()) throw new Error('a vault is open');
      this.state.set({ is: 'working', on: 'restore', progress: 0 });
      const reading = await this.#parts.backups.open(backup, backupPassphrase).catch(() => undefined);
      if (reading?.is !== 'open') {
        this.state.set(before);
        // The Worker failed: a phone without the 256 MiB that scrypt wants.
        return reading?.is ?? 'no-room';
      }
      try {
        return await this.#make('restore', newPassphrase, async (rows) => {
          const answer = await this.#parts.importBackup(reading.state, rows);
          if (answer !== 'imported') throw new ImportRefused(answer);
          await noteRestored(rows, this.#parts.clock.now());
        });
      } catch (cause) {
        if (cause instanceof StorageFault) return 'no-room';
        if (cause instanceof ImportRefused) return cause.answer;
        throw cause;
      }
    });
  }

  lock(): Promise<void> {
    // What was open leaves the screen at once; closing it takes as long as the disk does.
    if (this.#open !== undefined) this.state.set({ is: 'locked' });
    return this.#inTurn(async () => {
      if (this.#open !== undefined) await this.#giveUp('locked');
    });
  }

  erase(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#open === undefined) return;
      await this.#giveUp('locked');
      if (!(await this.#takeLock())) return;
      const disk = await this.#openDisk();
      if (disk !== undefined) {
        await eraseVault(disk).then(
          () => this.#parts.marker?.set(false),
          () => undefined,
        );
        await disk.close();
      }
      await this.#parts.lock.release();
      await this.#look();
    });
  }

  takeOver(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#open !== undefined) return;
      await this.#parts.lock.takeOver();
      this.#stopWaiting?.abort();
      await this.#look();
    });
  }

  /** A new vault, filled by `fill`, open at the end. Leaves nothing behind when it fails. */
  async #make(
    on: 'create' | 'restore',
    passphrase: string,
    fill: (rows: SealedRows) => Promise<void>,
  ): Promise<'open' | 'elsewhere'> {
    if (!(await this.#takeLock())) return 'elsewhere';
    const disk = await this.#openDisk();
    if (disk === undefined) {
      await this.#parts.lock.release();
      await this.#look();
      throw new StorageFault('broken');
    }
    try {
      const rows = await createVault({ ...this.#vaultPorts(disk, on), passphrase, fill });
      await this.#enter(disk, rows);
      return 'open';
    } catch (cause) {
      await clearUnfinishedVault(disk);
      await disk.close();
      await this.#parts.lock.release();
      await this.#look();
      throw cause;
    }
  }

  /** From an open disk and its rows to a session on the screen. Closes everything again when that fails. */
  async #enter(disk: RowDisk, rows: SealedRows): Promise<void> {
    disk.onended = (why) => void this.#inTurn(() => this.#giveUp(why === 'gone' ? 'gone' : 'elsewhere'));
    const secondKey = this.#secondKey;
    this.#secondKey = undefined;
    this.#open = await OpenVault.open(this.#parts, disk, { rows, secondKey });
    this.#parts.marker?.set(true);
    this.state.set({ is: 'open', session: this.#open.session });
  }

  async #giveUp(next: 'locked' | 'elsewhere' | 'gone'): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined && next === 'gone') this.#sayGone();
    if (open !== undefined && next === 'elsewhere') this.state.set({ is: 'elsewhere' });
    await open?.close(next === 'gone');
    await this.#parts.lock.release();
    if (next === 'elsewhere') this.#waitElsewhere();
    else if (next === 'locked') this.state.set({ is: 'locked' });
  }

  /** Says what is there without any passphrase. */
  async #look(): Promise<void> {
    if (await this.#parts.lock.isTakenElsewhere()) return this.#waitElsewhere();
    const wasThere = this.#parts.marker?.isSet() ?? false;
    let disk: RowDisk | undefined;
    try {
      disk = await this.#parts.openDisk(undefined);
      const { is } = await readVault(disk);
      // Storage emptied from outside must not look like a fresh device, or a second identity would be made unawares.
      if (is !== 'none') this.state.set({ is: 'locked' });
      else if (wasThere) this.#sayGone();
      else this.state.set({ is: 'empty' });
    } catch {
      this.state.set({ is: wasThere ? 'locked' : 'empty' });
    }
    await disk?.close();
  }

  /** Said once: whoever has read it and comes again begins anew or restores, by a choice of their own. */
  #sayGone(): void {
    this.#parts.marker?.set(false);
    this.state.set({ is: 'gone' });
  }

  #waitElsewhere(): void {
    this.#stopWaiting?.abort();
    const waiting = new AbortController();
    this.#stopWaiting = waiting;
    this.state.set({ is: 'elsewhere' });
    void this.#parts.lock.whenFree(waiting.signal).then(() => {
      if (waiting.signal.aborted) return;
      void this.#inTurn(async () => {
        if (this.state.current.is === 'elsewhere') await this.#look();
      });
    });
  }

  async #takeLock(): Promise<boolean> {
    const taken = await this.#parts.lock.take();
    if (taken) this.#stopWaiting?.abort();
    else this.#waitElsewhere();
    return taken;
  }

  #openDisk(): Promise<RowDisk | undefined> {
    return this.#parts.openDisk(this.#parts.random.bytes(CLAIM_BYTES)).catch(() => undefined);
  }

  async #refuse(answer: 'wrong-passphrase' | 'broken'): Promise<UnlockAnswer> {
    await this.#parts.lock.release();
    if (this.state.current.is === 'working') this.state.set({ is: 'locked' });
    return answer;
  }

  #vaultPorts(disk: RowDisk, on: 'create' | 'unlock' | 'restore'): VaultPorts {
    const progress = (done: number): void => this.state.set({ is: 'working', on, progress: done });
    progress(0);
    this.#parts.prepareSession?.();
    const second = (key: Bytes): void => void (this.#secondKey = key);
    return { disk, random: this.#parts.random, stretch: this.#parts.stretch, progress, second };
  }

  #isIdle(): boolean {
    const { is } = this.state.current;
    return is === 'empty' || is === 'locked' || is === 'gone' || is === 'elsewhere';
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

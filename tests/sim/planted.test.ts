// The simulator can fail: four mistakes of the kind it exists for, each planted and each caught.

import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DocVerdict } from '#core/docs/guard.ts';
import type { Clock, Millis } from '#core/ports.ts';
import type { Planted } from './person.ts';
import type { Findings } from './run-world.ts';

/** Worlds looked at until one shows the mistake; in the first two much of the forger's poison arrives. */
const SEEDS = [17, 21, ...Array.from({ length: 14 }, (_, i) => i + 1)];
const PATIENCE = 240_000;

afterEach(() => {
  vi.doUnmock('#core/docs/guard.ts');
  vi.doUnmock('#app/documents/intake.ts');
  vi.resetModules();
});

/** What the first world that shows anything shows. */
async function firstFindings(planted: Planted, isIt: (findings: Findings) => boolean): Promise<Findings | undefined> {
  const { runSeed } = await import('./run-seed.ts');
  for (const seed of SEEDS) {
    const { findings } = await runSeed(seed, { planted, patience: 20_000 });
    if (isIt(findings)) return findings;
  }
  return undefined;
}

describe('a mistake that is planted', () => {
  it('is caught: said to be stored before it was', { timeout: PATIENCE }, async () => {
    const found = await firstFindings({ disk: { acknowledgesEarly: true } }, ({ lost }) => lost.length > 0);
    expect(found?.lost.length).toBeGreaterThan(0);
  });

  it('is caught: the guard before documents skipped', { timeout: PATIENCE }, async () => {
    vi.doMock(import('#core/docs/guard.ts'), async (original) => {
      const real = await original();
      class NoGuard extends real.DocumentGuard {
        override admit(message: Parameters<InstanceType<typeof real.DocumentGuard>['admit']>[0]): DocVerdict {
          super.admit(message);
          return { ok: true };
        }
      }
      return { ...real, DocumentGuard: NoGuard };
    });
    const harm = ({ illegal, lost, diverged }: Findings) => illegal.length + lost.length + diverged.length;
    const found = await firstFindings({}, (findings) => harm(findings) > 0);
    expect(found === undefined ? 0 : harm(found)).toBeGreaterThan(0);
  });

  it('is caught: a retry forgotten', { timeout: PATIENCE }, async () => {
    const forgetful = (clock: Clock): Clock => ({
      now: () => clock.now(),
      // Everything that is tried again is tried again after a second or more.
      after: (delay: Millis, wake) => (delay >= 1_000 ? () => undefined : clock.after(delay, wake)),
    });
    const found = await firstFindings({ clock: forgetful }, ({ lost, diverged }) => lost.length + diverged.length > 0);
    expect((found?.lost.length ?? 0) + (found?.diverged.length ?? 0)).toBeGreaterThan(0);
  });

  it('is caught: a state vector trusted', { timeout: PATIENCE }, async () => {
    vi.doMock(import('#app/documents/intake.ts'), async (original) => {
      const real = await original();
      const { encodeStateVectorFromUpdate } = await import('yjs');
      class TrustingIntake extends real.Intake {
        /** Nothing new by the state vector, so nothing new at all. */
        override add(update: Parameters<InstanceType<typeof real.Intake>['add']>[0]): void {
          if (encodeStateVectorFromUpdate(update)[0] !== 0) super.add(update);
        }
      }
      return { ...real, Intake: TrustingIntake };
    });
    const found = await firstFindings({}, ({ lost, diverged }) => lost.length + diverged.length > 0);
    expect((found?.lost.length ?? 0) + (found?.diverged.length ?? 0)).toBeGreaterThan(0);
  });
});

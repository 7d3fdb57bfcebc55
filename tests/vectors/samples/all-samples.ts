// Valid samples of every structure, by name. Vectors are printed from them; the fuzzer starts from the vectors.
import { charterSamples } from './charter-samples.ts';
import { decisionsSamples } from './decisions-samples.ts';
import { docsSamples } from './docs-samples.ts';
import { groupSamples } from './group-samples.ts';
import { identitySamples } from './identity-samples.ts';
import { keysSamples } from './keys-samples.ts';
import { knocksSamples } from './knocks-samples.ts';
import { mailboxSamples } from './mailbox-samples.ts';
import { neighboursSamples } from './neighbours-samples.ts';
import { ownDeviceSamples } from './own-device-samples.ts';
import type { StructureSamples } from './sample.ts';
import { syncSamples } from './sync-samples.ts';
import { tasksSamples } from './tasks-samples.ts';
import { vaultSamples } from './vault-samples.ts';
import { wireSamples } from './wire-samples.ts';

export const SAMPLES: Readonly<Record<string, StructureSamples>> = {
  ...wireSamples,
  ...charterSamples,
  ...keysSamples,
  ...syncSamples,
  ...docsSamples,
  ...tasksSamples,
  ...decisionsSamples,
  ...neighboursSamples,
  ...knocksSamples,
  ...groupSamples,
  ...vaultSamples,
  ...mailboxSamples,
  ...ownDeviceSamples,
  ...(await identitySamples()),
};

// Prints the vector file of a structure: `node tests/vectors/print-new.ts card`. Cases that already stand in the file
// come first, unchanged; new ones follow. A person reads them before they are kept (`--write` keeps them).
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DECODERS, type RegisteredDecoder } from '#core/decoders.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { SAMPLES } from './samples/all-samples.ts';
import { usualRefusals } from './usual-refusals.ts';
import { readVectors, toJson, vectorFileOf, vectorFolder, type VectorFile } from './vector-files.ts';

const args = process.argv.slice(2);
const write = args.includes('--write');
const names = args.filter((name) => !name.startsWith('--'));
for (const name of names.length > 0 ? names : new Set(DECODERS.map((decoder) => decoder.name))) {
  for (const decoder of DECODERS.filter((known) => known.name === name)) {
    const text = `${JSON.stringify(vectorsOf(decoder), undefined, 2)}\n`;
    if (write) writeFileSync(path.join(vectorFolder, vectorFileOf(name, decoder.version)), text);
    else console.log(text);
  }
}

function vectorsOf(decoder: RegisteredDecoder): VectorFile {
  const { name, version = 1 } = decoder;
  const samples = version === 1 ? SAMPLES[name] : SAMPLES[`${name}, version ${version}`];
  if (samples === undefined) throw new Error(`no samples: ${name}`);
  const hasFile = existsSync(path.join(vectorFolder, vectorFileOf(name, version)));
  const kept = hasFile ? readVectors(name, version) : { accept: [], refuse: [] };
  const accept = samples.accept.map((sample) => ({
    name: sample.name,
    bytes: hexOf(sample.bytes),
    value: acceptedValue(decoder.decode(sample.bytes)),
  }));
  const refuse = [...usualRefusals(samples.accept[0]!.bytes), ...(samples.refuse ?? [])].flatMap((sample) => {
    const fault = faultOf(() => decoder.decode(sample.bytes));
    // Some usual ways to break a structure leave this one whole: optional fields, kinds kept for later.
    return fault === undefined ? [] : [{ name: sample.name, bytes: hexOf(sample.bytes), fault }];
  });
  return {
    spec: samples.spec,
    version,
    accept: [...kept.accept, ...accept.filter((c) => !kept.accept.some((old) => old.name === c.name))],
    refuse: [...kept.refuse, ...refuse.filter((c) => !kept.refuse.some((old) => old.name === c.name))],
  };
}

function acceptedValue(value: unknown): unknown {
  if (typeof value === 'string') throw new Error(`a sample meant to be accepted was refused: ${value}`);
  return toJson(value);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function faultOf(run: () => unknown): string | undefined {
  try {
    const value = run();
    return typeof value === 'string' ? value : undefined;
  } catch (fault) {
    if (fault instanceof WireError) return fault.fault;
    throw fault;
  }
}

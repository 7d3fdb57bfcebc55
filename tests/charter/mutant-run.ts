// Plants each mistake in a copy of the rule and looks whether the test that is named for it fails there, and only there.

import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MUTANTS, type Mutant } from './mutants.ts';

const root = path.resolve(import.meta.dirname, '../..');
const RULE = 'src/core/charter';

export interface MutantFinding {
  readonly mutant: Mutant;
  readonly isCaught: boolean;
}

interface TestReport {
  readonly testResults: readonly {
    /** The path of the file. */
    readonly name: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly fullName: string;
      readonly status: string;
    }[];
  }[];
}

/** Every mistake, `jobs` at a time. */
export async function catchMutants(
  jobs: number,
  tell: (mutant: Mutant, verdict: string) => void,
): Promise<readonly MutantFinding[]> {
  const findings: MutantFinding[] = [];
  const queue = [...MUTANTS];
  const without = await reportOfSound();
  const run = async (): Promise<void> => {
    const copy = copyOfTree();
    try {
      for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
        const before = statusIn(without, mutant);
        const verdict = before === 'passed' ? await judge(copy, mutant) : `its test ${before} without it`;
        tell(mutant, verdict);
        findings.push({ mutant, isCaught: verdict === 'caught' });
      }
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, queue.length) }, run));
  return findings;
}

/** How all the named tests fare in a copy without any mistake: at once, since each start of the runner costs as much. */
async function reportOfSound(): Promise<TestReport | undefined> {
  const copy = copyOfTree();
  try {
    const files = [...new Set(MUTANTS.map(({ test: [file] }) => file))];
    return await reportOf(copy, { files, names: MUTANTS.map(({ test: [, name] }) => name) });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** What the tests need, and nothing that one could take for the real rule. */
function copyOfTree(): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'understory-mutants-'));
  for (const part of ['package.json', 'src/core', 'tests/charter', 'tests/suites', 'tests/sim']) {
    cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  const project = { name: 'core', environment: 'node', include: ['tests/charter/**/*.test.ts'], testTimeout: 120_000 };
  writeFileSync(path.join(copy, 'vitest.config.ts'), `export default { test: ${JSON.stringify(project)} };\n`);
  return copy;
}

async function judge(copy: string, mutant: Mutant): Promise<string> {
  const file = path.join(copy, RULE, mutant.file);
  const sound = readFileSync(file, 'utf8');
  const places = sound.split(mutant.from).length - 1;
  if (places !== 1) return `its place was found ${places} times`;
  try {
    writeFileSync(
      file,
      sound.replace(mutant.from, () => mutant.to),
    );
    const [testFile, name] = mutant.test;
    const after = statusIn(await reportOf(copy, { files: [testFile], names: [name] }), mutant);
    return after === 'failed' ? 'caught' : `not caught, its test ${after}`;
  } finally {
    writeFileSync(file, sound);
  }
}

interface Chosen {
  readonly files: readonly string[];
  readonly names: readonly string[];
}

/** How these tests fare in the copy as it is; `undefined` when they did not run. */
async function reportOf(copy: string, { files, names }: Chosen): Promise<TestReport | undefined> {
  const report = path.join(copy, 'report.json');
  rmSync(report, { force: true });
  const paths = files.map((file) => `tests/charter/${file}`);
  const args = ['run', ...paths, '-t', names.map(escaped).join('|'), '--reporter=json', `--outputFile=${report}`];
  await new Promise<void>((resolve) => {
    const env = { ...process.env, NO_COLOR: '1' };
    const child = spawn(path.join(root, 'node_modules/.bin/vitest'), args, { cwd: copy, env, stdio: 'ignore' });
    child.on('error', () => resolve());
    child.on('exit', () => resolve());
  });
  try {
    return JSON.parse(readFileSync(report, 'utf8')) as TestReport;
  } catch {
    return undefined;
  }
}

/** How the named test of a mutant fared. */
function statusIn(report: TestReport | undefined, { test: [file, name] }: Mutant): string {
  if (report === undefined) return 'did not run';
  const ofFile = report.testResults.filter((result) => path.basename(result.name) === file);
  const found = ofFile.flatMap(({ assertionResults }) => assertionResults).filter(({ title }) => title === name);
  return found.length === 1 ? found[0]!.status : `was found ${found.length} times`;
}

/** A name as the pattern that finds it. */
function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

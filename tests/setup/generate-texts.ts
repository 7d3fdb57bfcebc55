// The texts, made from the catalogue before tests of screens run. In a process of its own: what makes them keeps a process
// open when all is done.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { TEXTS } from '../../texts.config.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../../node_modules/.bin/paraglide-js');

export function setup(): void {
  execFileSync(PROGRAM, ['compile', '--project', TEXTS.project, '--outdir', TEXTS.outdir, '--silent']);
}

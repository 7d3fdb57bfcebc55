// The checks that run apart from `npm test`: brings what each of them needs and runs it with the arguments given to it.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { buildApp, generateTypes, guarded, installPackages, installPrograms, root, SetupProblem } from './steps.mjs';

/** What a check needs besides the packages, and what it runs. */
const checks = {
  verify: { needs: [buildApp], command: ['node', 'tests/rules/verify.ts'] },
  sim: { needs: [], command: ['node', 'tests/sim/main.ts'] },
  'prove:charter': { needs: [generateTypes], command: ['node', 'tests/charter/prove.ts'] },
  fuzz: { needs: [generateTypes], command: ['vitest', 'run', '--project', 'fuzz'] },
  e2e: {
    needs: [installPrograms, buildApp],
    command: ['playwright', 'test', '-c', 'tests/e2e/playwright.config.ts'],
  },
  bench: { needs: [installPrograms, buildApp], command: ['node', 'tests/bench/main.ts'] },
};

await guarded(async () => {
  const [name, ...given] = process.argv.slice(2);
  const check = checks[name];
  if (check === undefined) throw new SetupProblem(`Which one? ${Object.keys(checks).join(', ')}`);
  await installPackages();
  for (const bring of check.needs) await bring();
  const [program, ...args] = check.command;
  const env = { ...process.env, PATH: `${path.join(root, 'node_modules/.bin')}:${process.env.PATH}` };
  const child = spawn(program, [...args, ...given], { cwd: root, env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
});

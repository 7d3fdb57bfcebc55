// `npm start`: installs, builds, and runs the relay node that serves the app. Arguments go to the relay node.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { buildApp, guarded, installPackages, root } from './steps.mjs';

await guarded(async () => {
  await installPackages();
  await buildApp();
  const node = path.join(root, 'node_modules/.bin/node');
  const relay = spawn(node, ['relay-node/main.ts', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => relay.kill(signal));
  relay.on('exit', (code) => process.exit(code ?? 0));
});

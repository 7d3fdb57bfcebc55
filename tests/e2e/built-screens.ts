// Builds the screens over a device in memory (src/ui/testing), shares them among the workers of a run, and serves them.
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

const root = path.resolve(import.meta.dirname, '../..');
/** Inside the project, where the packages are found from, and in no list of files. One for all workers of a run. */
const asideOf = (run: number): string => path.join(root, `.setup/screens-${run}`);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};

/** Builds the screens in `screens` mode beside the real build. `run` names whom they are built for. */
export function buildScreens(run = process.pid): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['node_modules/vite/bin/vite.js', 'build', '--mode', 'screens', '--logLevel', 'error'],
    { cwd: root, encoding: 'utf8', env: { ...process.env, UNDERSTORY_SCREENS: path.relative(root, asideOf(run)) } },
  );
  if (status !== 0) throw new Error(`The screens did not build.\n${stderr}`);
}

/** For a story's worker: the first that asks builds, the others wait for it; the run's end forgets them. */
export async function sharedScreens(): Promise<{ readonly address: string; readonly server: Server }> {
  const run = process.ppid;
  const built = path.join(asideOf(run), 'built');
  mkdirSync(path.join(root, '.setup'), { recursive: true });
  try {
    mkdirSync(`${asideOf(run)}-building`);
    buildScreens(run);
    writeFileSync(built, '');
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
    while (!existsSync(built)) await setTimeout(200);
  }
  return serveScreens(run);
}

export function forgetScreens(run = process.pid): void {
  rmSync(asideOf(run), { recursive: true, force: true });
  rmSync(`${asideOf(run)}-building`, { recursive: true, force: true });
}

/** Serves them on a free port of this machine. */
export function serveScreens(run = process.pid): Promise<{ readonly address: string; readonly server: Server }> {
  const folder = path.join(asideOf(run), 'app');
  const server = createServer((request, response) => {
    const asked = path.join(folder, decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
    const file = existsSync(asked) && statSync(asked).isDirectory() ? path.join(asked, 'index.html') : asked;
    if (!file.startsWith(folder) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
      'cache-control': file.includes('/immutable/') ? 'max-age=3600, immutable' : 'no-cache',
    });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      resolve({ address: `http://127.0.0.1:${port}`, server });
    });
  });
}

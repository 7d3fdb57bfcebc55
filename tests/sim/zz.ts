import { ed25519 } from '@noble/curves/ed25519.js';
const sk = new Uint8Array(32).fill(7),
  pk = ed25519.getPublicKey(sk),
  m = new Uint8Array(100),
  s = ed25519.sign(m, sk);
for (let i = 0; i < 300; i++) ed25519.verify(s, m, pk);
let t = process.cpuUsage();
for (let i = 0; i < 1000; i++) ed25519.verify(s, m, pk);
let u = process.cpuUsage(t);
console.log('verify/s by cpu time', (1000 / ((u.user + u.system) / 1e6)).toFixed(0));
import { runSeed } from './run-seed.ts';
for (const s of [1, 2, 3, 4, 5, 6]) {
  const t = process.cpuUsage();
  const w = performance.now();
  const r = await runSeed(s);
  const u = process.cpuUsage(t);
  console.log(
    s,
    r.trace,
    r.events,
    'cpu',
    ((u.user + u.system) / 1000).toFixed(0),
    'wall',
    (performance.now() - w).toFixed(0),
  );
}

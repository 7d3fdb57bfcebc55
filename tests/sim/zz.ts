import { runSeed } from './run-seed.ts';
for (const s of [1,2,3,4]) { const t=process.cpuUsage(); const r=await runSeed(s); const u=process.cpuUsage(t); console.log(s, r.trace, r.events, ((u.user+u.system)/1000).toFixed(0), r.findings.lost.length, r.findings.diverged.length, r.findings.illegal.length, JSON.stringify(r.faults)); }

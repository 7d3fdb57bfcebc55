import { runSeed } from './run-seed.ts';
import { Spaces } from '../../src/app/spaces.ts';
import { Engine } from '../../src/app/engine.ts';
import { Person } from './person.ts';
const seed = Number(process.argv[2]);
const spaces: any[] = [];
const orig = (Spaces.prototype as any).load;
(Spaces.prototype as any).load = function (...a: any[]) { spaces.push(this); return orig.apply(this, a); };
const engines: any[] = [];
const add = (Engine.prototype as any).load;
(Engine.prototype as any).load = function (...a: any[]) { engines.push(this); return add.apply(this, a); };
const people: any[] = [];
const st = Person.prototype.start; Person.prototype.start = function () { if (!people.includes(this)) people.push(this); return st.call(this); };
const r = await runSeed(seed);
console.log(r.findings, r.agreedAfter);
for (const p of people) {
  const s = p.session as any; if (!s) { console.log(p.name, 'no session'); continue; }
  const books = s.people;
  const mine = spaces.filter((x) => x.pairs().some((q: any) => books.contacts.current.includes(q.contact.current)));
  for (const sp of mine.slice(-1)) for (const pair of sp.pairs()) {
    const e = engines[spaces.indexOf(sp)];
    const rep = pair.replica;
    const dev = e.links.devices(pair.space);
    console.log(p.name, '->', pair.facts.theirName, pair.contact.current.presence, 'blocked', pair.facts.blocked, 'log', rep.log.entries.length, 'pending', rep.pending.size, 'parked', rep.parked.size, 'durable', rep.durable.chains.reduce((n: number, c: any) => n + c.spans.reduce((m: number, x: any) => m + x.to - x.from, 0), 0), 'ops', rep.charter.ops.size, 'waiting', rep.charter.waiting.size, 'newer', pair.needsNewer, 'forks', [...rep.view.devices.values()].filter((d: any) => d.isFrozen).length,'disk', s.keeping.current.full,
     'bad', rep.log.entries.filter((x:any)=>!x.stands).length, 'gaps', JSON.stringify(rep.chains.gaps().map((g:any)=>[g.device.slice(0,4),g.incarnation.slice(0,4),g.from,g.to])));
  }
}
console.log(Object.fromEntries(Object.entries(r.counts)));

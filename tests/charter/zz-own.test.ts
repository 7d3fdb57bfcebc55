import { expect, it } from 'vitest';
import { play } from './history-run.ts';
import { runHistory } from './history-run.ts';
import { quickSuite } from '#tests/suites/space-kit.ts';
import { addOp, addOps, emptyCharter } from '#core/charter/charter.ts';
import { viewOf } from '#core/charter/view.ts';
import { settleContests } from '#core/charter/contests.ts';
import { pastSight, wholeOf } from '#core/charter/sight.ts';
import { Situation } from '#core/charter/held.ts';
import { situationIn, situationOf } from '#core/charter/situation.ts';
import { pastBefore } from '#core/charter/votes.ts';
import { isIn } from '#core/charter/past.ts';
import { stateText } from './state-text.ts';
const say = (s: Situation, ops: any[]) => {
  const principals = ops
    .flatMap((op) => op.grants.filter((g: any) => g.kind === 'membership').map((g: any) => g.id))
    .sort();
  return JSON.stringify([
    s.charter.id,
    [...s.electorate()].sort(),
    principals.map((p) => [
      p,
      s.isMember(p),
      s
        .rolesOf(p)
        .map((g) => g.id)
        .sort(),
    ]),
    ops
      .filter((o) => s.has(o))
      .map((o) => [
        o.id.slice(0, 6),
        s.standing.stands(o),
        s.standing.grants(o),
        s.endsOf(o.grants[0]?.target ?? '').length,
      ])
      .sort(),
  ]);
};
it('own', async () => {
  const from = Number(process.env['FROM'] ?? 0),
    n = Number(process.env['N'] ?? 100);
  let bad = 0,
    looked = 0;
  const kinds: Record<string, number> = {};
  for (let seed = from; seed < from + n; seed++) {
    const { cast, whole } = await play(seed, quickSuite);
    let step = emptyCharter(cast.space);
    for (const op of cast.ops) {
      step = addOp(step, op).charter;
      viewOf(step);
    }
    let rev = emptyCharter(cast.space);
    for (const op of [...cast.ops].reverse()) {
      rev = addOp(rev, op).charter;
      viewOf(rev);
    }
    for (const c of [step, rev])
      if (stateText(c) !== stateText(whole)) {
        bad++;
        console.log('seed', seed, 'differs by order');
        break;
      }
    for (const c of [whole, step, rev]) {
      const ops = [...c.ops.values()];
      const log = c;
      let d = '';
      for (const op of ops) {
        if (op.depth === 0) continue;
        const past = pastBefore(op);
        const mine = say(situationIn(c, past), ops);
        const ref = say(new Situation(log, settleContests(pastSight(log, past)), (o) => isIn(past, o)), ops);
        looked++;
        if (mine !== ref) {
          d = op.id;
          break;
        }
      }
      const w = say(situationOf(c), ops);
      const rw = say(new Situation(log, settleContests(wholeOf(log)), () => true), ops);
      if (d !== '' || w !== rw) {
        const a = JSON.parse(w),
          b = JSON.parse(rw);
        for (let i = 0; i < 4; i++)
          if (JSON.stringify(a[i]) !== JSON.stringify(b[i])) {
            if (Array.isArray(a[i])) {
              for (const [k, x] of a[i].entries())
                if (JSON.stringify(x) !== JSON.stringify(b[i][k])) {
                  console.log(i, JSON.stringify(x), JSON.stringify(b[i][k]));
                  const o = ops.find((y) => y.id.startsWith(x[0]));
                  if (o)
                    console.log(
                      o.signed.op.body.type,
                      o.isLegal,
                      o.targets,
                      o.isOwnEnd,
                      JSON.stringify(o.signed.op.auth).slice(0, 300),
                      JSON.stringify(o.signed.op.body).slice(0, 200),
                      o.depth,
                      situationOf(c).standing.isCounted(o),
                    );
                }
            } else console.log(i, a[i], b[i]);
          }
        bad++;
        for (const o of ops)
          console.log(
            o.id.slice(0, 4),
            o.depth,
            o.signed.op.body.type,
            o.isLegal,
            o.illegality ?? '',
            'by',
            o.principal.slice(0, 4) + o.principal.slice(-2),
            'dev',
            o.signed.op.device.slice(0, 4),
            JSON.stringify(o.signed.op.body, (k, v) =>
              k === 'rules' || k === 'proof' || k === 'frontier'
                ? undefined
                : typeof v === 'string'
                  ? v.slice(0, 4)
                  : v,
            ).slice(0, 160),
            o.targets.map((t: string) => t.slice(0, 4) + t.slice(64, 66)).join(),
            'prev',
            o.signed.op.prev.map((x: string) => x.slice(0, 4)).join(),
            situationOf(c).standing.stands(o),
          );
        {
          const st = settleContests(wholeOf(log));
          const v = ops.find((o) => o.vote !== undefined)!;
          console.log(
            JSON.stringify(
              v.cited.map((t) => [
                t.slice(0, 4) + t.slice(64, 68),
                st.first
                  .endsOf(t)
                  .map((e) => [
                    e.by.id.slice(0, 4),
                    isIn(e.by.past, v),
                    isIn(ops.find((o) => o.id === e.by.id)!.past, v),
                    e.isSelfInflicted,
                    e.by === ops.find((o) => o.id === e.by.id),
                  ]),
              ]),
            ),
            [...ops.find((o) => o.id.startsWith('b4a6'))!.past.all()]
              .flat()
              .map((o) => o.id.slice(0, 4) + o.signed.op.seq)
              .join(),
            v.signed.op.seq,
          );
          console.log(
            'why',
            st.first.whyVoid(v),
            'targets',
            v.cited.map((t) => [
              t.slice(0, 4) + t.slice(64, 68),
              st.first.endsOf(t).map((e) => [e.by.id.slice(0, 4), isIn(e.by.past, v)]),
            ]),
          );
          console.log(
            'vote',
            v.vote!.signers,
            v.vote!.needed,
            v.vote!.signatures.map((q) =>
              [
                q.id.slice(0, 4),
                st.first.stands(q),
                st.standing.stands(q),
                q.rests.map((r) => [r.id.slice(0, 4), st.standing.grants(r)].join(':')).join(' '),
              ].join(' '),
            ),
            [...st.effective].map((e) => e.id.slice(0, 4)).join(),
          );
        }
        console.log(
          'seed',
          seed,
          c === whole ? 'bulk' : c === step ? 'step' : 'rev',
          'situation differs',
          d.slice(0, 8),
          w === rw,
        );
        break;
      }
    }
  }
  console.log({ looked, bad, kinds });
  expect(bad).toBe(0);
}, 600_000);

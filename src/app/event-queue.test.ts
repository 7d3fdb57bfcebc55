// In which order events run, and that none waits for ever.

import { expect, test } from 'vitest';
import { EventQueue } from './event-queue.ts';

test('what cannot wait goes first, then what people wait for, then the screens, then the rest', async () => {
  const queue = new EventQueue();
  const done: string[] = [];
  void queue.run(() => {
    void queue.later(() => done.push('later'));
    void queue.show(() => done.push('show'));
    void queue.run(() => done.push('run'));
    void queue.first(() => done.push('first'));
  });
  await queue.idle();
  expect(done).toEqual(['first', 'run', 'show', 'later']);
});

test('in a flood the screens and the rest get their turns too', async () => {
  const queue = new EventQueue();
  const done: string[] = [];
  const show = (): void => {
    done.push('show');
    // Whatever changed the screens will change them again.
    if (done.length < 1_000) void queue.show(show);
  };
  void queue.run(() => {
    void queue.show(show);
    for (let i = 0; i < 3; i++) void queue.later(() => done.push('later'));
    for (let i = 0; i < 200; i++) void queue.run(() => done.push('run'));
  });
  await queue.idle();
  const flood = done.slice(0, done.lastIndexOf('run') + 1);
  expect(flood.filter((what) => what === 'run')).toHaveLength(200);
  expect(flood.filter((what) => what === 'later')).toHaveLength(3);
  expect(flood.indexOf('show')).toBeLessThan(40);
  expect(flood.filter((what) => what === 'show').length).toBeLessThan(10);
});

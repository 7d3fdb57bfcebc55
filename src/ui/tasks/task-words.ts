// What was done on a task, and what contradicts what, in plain sentences. Names stand apart from the words around them.

import type { Crossing, TaskEvent, TaskPlace, TaskRefusal, TaskWords, Whom } from '#app/tasks/task-api.ts';
import type { DueDay } from '#core/tasks/task-body.ts';
import { m } from '#texts/messages.js';
import { apart } from '#ui/shared/apart.ts';
import { calendarDay } from '#ui/language/in-words.ts';

export const PLACES: Readonly<Record<TaskPlace, () => string>> = {
  todo: m.task_todo,
  doing: m.task_doing,
  done: m.task_done,
  dropped: m.task_dropped,
};

export function nameOf(whom: Whom): string {
  const name = whom.is === 'person' ? whom.name : whom.label;
  return name === '' ? m.somebody() : name;
}

const named = (whom: Whom): string => apart(nameOf(whom));

/** `isLate`: to be marked, and not by colour alone. */
export function dueWords(
  day: DueDay,
  { today, isOpen }: { readonly today: number; readonly isOpen: boolean },
): { readonly words: string; readonly isLate: boolean } {
  const isLate = isOpen && day < today;
  const when = calendarDay(day, today);
  return { words: isLate ? m.task_overdue({ when }) : m.task_due({ when }), isLate };
}

export function eventWords({ by: author, what }: Pick<TaskEvent, 'by' | 'what'>, today: number): string {
  const by = named(author);
  switch (what.is) {
    case 'made':
      return m.task_act_made({ by });
    case 'renamed':
      return m.task_act_renamed({ by, title: apart(what.title) });
    case 'gave':
      return gaveWords(author, what.to);
    case 'due':
      return what.day === undefined
        ? m.task_act_no_due({ by })
        : m.task_act_due({ by, when: calendarDay(what.day, today) });
    case 'moved':
    case 'put':
      return m.task_act_moved({ by, place: PLACES[what.to]() });
    case 'reopened':
      return m.task_act_reopened({ by, place: PLACES[what.to]() });
    case 'closed':
      return what.as === 'done' ? m.task_act_done({ by }) : m.task_act_dropped({ by });
    default:
      return smallWords(by, what);
  }
}

type Small =
  | Extract<TaskWords, { text: string }>
  | Extract<TaskWords, { is: 'waits' | 'waits-not' | 'commented' | 'took-comment-back' }>;

function smallWords(by: string, what: Small): string {
  const text = 'text' in what ? apart(what.text) : '';
  switch (what.is) {
    case 'added-item':
      return m.task_act_item({ by, text });
    case 'dropped-item':
      return m.task_act_no_item({ by, text });
    case 'checked':
      return m.task_act_checked({ by, text });
    case 'unchecked':
      return m.task_act_unchecked({ by, text });
    case 'reworded':
      return m.task_act_reworded({ by, text });
    case 'waits':
      return m.task_act_waits({ by, title: apart(what.title ?? m.task_elsewhere()) });
    case 'waits-not':
      return m.task_act_waits_not({ by, title: apart(what.title ?? m.task_elsewhere()) });
    case 'commented':
      return m.task_act_comment({ by });
    case 'took-comment-back':
      return m.task_act_no_comment({ by });
  }
}

function gaveWords(author: Whom, to: Whom | undefined): string {
  const by = named(author);
  if (to === undefined) return m.task_act_given_up({ by });
  const isSelf = to.is === 'person' && author.is === 'person' && to.id === author.id;
  return isSelf ? m.task_act_took({ by }) : m.task_act_gave({ by, to: named(to) });
}

const WHY: Readonly<Record<Exclude<TaskEvent['outcome'], 'done' | 'already' | 'ended'>, () => string>> = {
  'not-allowed': m.task_why_not_allowed,
  'not-ended': m.task_why_not_ended,
  'no-such-item': m.task_why_no_item,
  'no-such-comment': m.task_why_no_comment,
  'before-the-task': m.task_why_early,
  itself: m.task_why_itself,
  'too-many': m.task_why_too_many,
};

/** Why an act had no effect; nothing for one that had. */
export function fateWords(event: TaskEvent, today: number): string | undefined {
  const { outcome, because } = event;
  if (outcome === 'done' || outcome === 'already') return undefined;
  if (outcome !== 'ended') return WHY[outcome]();
  return because === undefined ? m.task_why_ended() : m.task_why_ended_by({ other: eventWords(because, today) });
}

/** What happened, and how it is now. */
export function crossingWords(
  { stands, fell }: Crossing,
  today: number,
): { readonly story: string; readonly now: string } {
  if (fell.outcome === 'ended') {
    const story = m.task_overtaken({ late: eventWords(fell, today), early: eventWords(stands, today) });
    return { story, now: nowWords(stands, today) };
  }
  const story = m.task_crossed({ one: eventWords(fell, today), other: eventWords(stands, today) });
  return { story, now: nowWords(stands, today) };
}

function nowWords({ what }: TaskEvent, today: number): string {
  switch (what.is) {
    case 'renamed':
      return m.task_now_called({ title: apart(what.title) });
    case 'gave':
      return what.to === undefined ? m.task_now_nobody() : m.task_now_whose({ whom: named(what.to) });
    case 'due':
      return what.day === undefined ? m.task_now_no_due() : m.task_now_due({ when: calendarDay(what.day, today) });
    case 'moved':
    case 'put':
    case 'reopened':
      return m.task_now_place({ place: PLACES[what.to]() });
    case 'closed':
      return m.task_now_place({ place: PLACES[what.as]() });
    case 'checked':
      return m.task_now_checked();
    case 'unchecked':
      return m.task_now_unchecked();
    case 'reworded':
      return m.task_now_item({ text: apart(what.text) });
    default:
      return m.task_now_last();
  }
}

/** What the button says that makes the other one stand. */
export function insteadWords({ fell: { what } }: Crossing, today: number): string {
  switch (what.is) {
    case 'renamed':
    case 'made':
      return m.task_instead_called({ title: apart(what.title) });
    case 'gave':
      return what.to === undefined ? m.task_instead_nobody() : m.task_instead_give({ whom: named(what.to) });
    case 'due':
      return what.day === undefined
        ? m.task_instead_no_due()
        : m.task_instead_due({ when: calendarDay(what.day, today) });
    case 'moved':
    case 'put':
    case 'reopened':
      return m.task_instead_move({ place: PLACES[what.to]() });
    case 'closed':
      return m.task_instead_move({ place: PLACES[what.as]() });
    default:
      return m.task_instead_other();
  }
}

const REFUSALS: Readonly<Record<TaskRefusal, () => string>> = {
  'not-allowed': m.task_refused_not_allowed,
  ended: m.task_refused_ended,
  'not-ended': m.task_refused_changed,
  'no-such-item': m.task_refused_changed,
  'no-such-comment': m.task_refused_changed,
  'before-the-task': m.task_refused_changed,
  itself: m.task_refused_loop,
  loop: m.task_refused_loop,
  'too-many': m.task_refused_too_many,
  'no-room': m.settings_no_room,
  gone: m.task_refused_gone,
  'newer-version': m.task_refused_newer,
  empty: m.task_refused_empty,
  'too-long': m.task_refused_too_long,
  'changed-since': m.task_refused_since,
};

export const refusedWords = (why: TaskRefusal): string => REFUSALS[why]();

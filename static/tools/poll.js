// A poll, as an example of a tool for Understory: everybody has one voice, may change it, and sees who wants what.
// How tools are written: src/app/tools/SPEC.md. Copy this file and make another tool of it.
'use strict';

const WORDS = {
  en: {
    ask: 'What is the question?',
    options: 'Options, one on each line',
    begin: 'Begin the poll',
    yours: 'your choice',
    choose: 'Choose',
    none: 'Nobody has chosen yet.',
    voices: (count) => (count === 1 ? '1 voice' : `${count} voices`),
    takeBack: 'Take my voice back',
    readOnly: 'You can look, but not choose.',
    refused: 'That could not be kept. Try again in a moment.',
    aside: 'Not counted, because somebody else entered it',
  },
  ar: {
    ask: 'ما السؤال؟',
    options: 'الخيارات، واحد في كل سطر',
    begin: 'ابدأ الاستطلاع',
    yours: 'اختيارك',
    choose: 'اختر',
    none: 'لم يختر أحد بعد.',
    voices: (count) => `الأصوات: ${count}`,
    takeBack: 'اسحب صوتي',
    readOnly: 'يمكنك الاطلاع دون الاختيار.',
    refused: 'تعذّر حفظ ذلك. حاول بعد لحظة.',
    aside: 'غير محسوب لأن شخصًا آخر أدخله',
  },
};

const STYLE = `
  h1 { margin: 0 0 1rem; font-size: 1.25rem; overflow-wrap: anywhere; }
  ul { display: grid; gap: .75rem; margin: 0 0 1rem; padding: 0; list-style: none; }
  li { border: 1px solid var(--line); border-radius: .75rem; padding: .75rem; }
  .row { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; }
  .name { flex: 1 1 8rem; font-weight: 600; }
  .mine { border: 2px solid var(--main); }
  .soft { color: var(--soft); font-size: .9375rem; }
  progress { width: 100%; height: .5rem; accent-color: var(--main); }
  label { display: block; margin-bottom: 1rem; font-weight: 600; }
  input, textarea { width: 100%; margin-top: .25rem; }
  .plain { border-color: var(--line); color: var(--ink); background: transparent; }
`;

/** What was told of the group, the person and the look of the page, and all entries by key. */
let told = {};
const entries = new Map();
let notice;

onmessage = ({ data }) => {
  if (data.did) act(data.did);
  else if ('refused' in data) notice = words().refused;
  else {
    told = { ...told, ...data };
    for (const entry of data.state ?? []) {
      if ('value' in entry) entries.set(entry.key, entry);
      else entries.delete(entry.key);
    }
  }
  postMessage({ style: STYLE, show: view() });
};

const words = () => WORDS[told.language] ?? WORDS.en;

function act({ on, fields }) {
  notice = undefined;
  if (on === 'begin') {
    const options = [...new Set(fields.options.split('\n').map((line) => line.trim()))].filter((line) => line !== '');
    if (fields.question.trim() === '' || options.length < 2) return;
    postMessage({ set: 'poll', value: { question: fields.question.trim(), options: options.slice(0, 12) } });
  } else if (on === 'back') {
    postMessage({ remove: `voice ${told.me.id}` });
  } else if (on.startsWith('choose ')) {
    postMessage({ set: `voice ${told.me.id}`, value: on.slice('choose '.length) });
  }
}

function view() {
  const poll = entries.get('poll')?.value;
  const below = [
    notice && { is: 'p', role: 'status', has: notice },
    told.canWrite === false && { is: 'p', class: 'soft', has: words().readOnly },
  ];
  if (typeof poll?.question !== 'string' || !Array.isArray(poll.options)) return [form(), below].flat();
  return [
    { is: 'h1', dir: 'auto', has: poll.question },
    results(poll.options.filter((one) => typeof one === 'string')),
    below,
  ].flat(2);
}

function form() {
  return {
    is: 'form',
    on: 'begin',
    has: [
      {
        is: 'label',
        has: [words().ask, { is: 'input', name: 'question', dir: 'auto', maxlength: 200, required: true }],
      },
      {
        is: 'label',
        has: [words().options, { is: 'textarea', name: 'options', dir: 'auto', rows: 4, required: true }],
      },
      { is: 'button', disabled: told.canWrite === false, has: words().begin },
    ],
  };
}

/** Who set an entry is told by the app, and nobody else can say it: a voice counts where it is its owner's own. */
function voices() {
  const all = [...entries.values()].filter(({ key }) => key.startsWith('voice '));
  const isOwn = ({ key, by }) => by !== undefined && key === `voice ${by.id}`;
  return { own: all.filter(isOwn), aside: all.filter((voice) => !isOwn(voice)) };
}

function results(options) {
  const { own, aside } = voices();
  const mine = own.find(({ by }) => by.id === told.me.id)?.value;
  const most = Math.max(1, own.length);
  const rows = options.map((option) => {
    const names = own.filter(({ value }) => value === option).map(({ by }) => by.name);
    return {
      is: 'li',
      key: option,
      class: option === mine ? 'mine' : '',
      has: [
        {
          is: 'div',
          class: 'row',
          has: [
            { is: 'bdi', class: 'name', has: option },
            option === mine
              ? { is: 'span', class: 'soft', has: words().yours }
              : {
                  is: 'button',
                  on: `choose ${option}`,
                  'aria-label': `${words().choose}: ${option}`,
                  disabled: told.canWrite === false,
                  has: words().choose,
                },
          ],
        },
        { is: 'progress', max: most, value: names.length, 'aria-label': option },
        { is: 'div', class: 'soft', has: [words().voices(names.length), names.length > 0 && `: ${names.join(', ')}`] },
      ],
    };
  });
  return [
    { is: 'ul', has: rows },
    own.length === 0 && { is: 'p', class: 'soft', has: words().none },
    mine !== undefined && {
      is: 'button',
      class: 'plain',
      on: 'back',
      disabled: told.canWrite === false,
      has: words().takeBack,
    },
    aside.length > 0 && {
      is: 'p',
      class: 'soft',
      has: `${words().aside}: ${aside.map(({ value, by }) => `${String(value)} (${by?.name ?? '?'})`).join(', ')}`,
    },
  ];
}

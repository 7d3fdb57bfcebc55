// Our side of the group benches: the app's own composition without its screens. One page founds a group with a document
// and lets people and devices in; others come in and say when they see it.
import type { OwnDevices, Session } from '#app/api.ts';
import { groupHome } from '#app/documents/document-homes.ts';
import type { GroupState } from '#app/groups/group-api.ts';
import { startDevice } from '#app/start.ts';
import { TEMPLATES } from '#core/charter/templates.ts';
import { paragraphOf } from './latency-page.ts';

type Watched<T> = { readonly current: T; subscribe(changed: () => void): () => void };

const device = await startDevice();

function open(): Session {
  const state = device.state.current;
  if (state.is !== 'open') throw new Error(`the vault is ${state.is}`);
  return state.session;
}

/** Resolves when a condition holds, looking after each change. */
function until<T>(live: Watched<T>, holds: (value: T) => boolean): Promise<T> {
  return new Promise<T>((resolve) => {
    const look = () => {
      if (!holds(live.current)) return;
      stop();
      resolve(live.current);
    };
    const stop = live.subscribe(look);
    look();
  });
}

/** Until the only group here says who is in it and where one talks, and its document can be read to the last word. */
async function seen(word: string): Promise<void> {
  const [entry] = await until(open().groups.list, (groups) => groups[0]?.state === 'in');
  const group = open().groups.open(entry!.id);
  await until(group.state, ({ people }) => people.some(({ isMe, name }) => !isMe && name !== ''));
  await until(group.channels, (channels) => channels.length > 0);
  const [document] = await until(open().documents.list, (documents) => documents.length > 0);
  const { doc } = await open().documents.open(document!.id);
  while (!paragraphHas(doc, word)) await new Promise((resolve) => doc.once('update', resolve));
}

function paragraphHas(doc: Parameters<typeof paragraphOf>[0], word: string): boolean {
  return doc.getXmlFragment('body').length > 0 && paragraphOf(doc).toString().includes(word);
}

function namedIn({ people }: GroupState): number {
  return people.filter(({ name }) => name !== '').length;
}

function ownDevices(): OwnDevices {
  return open().ownDevices;
}

const page = {
  async create(passphrase: string): Promise<void> {
    await device.create(passphrase);
    await until(open().connection, ({ relays }) => relays.some(({ state }) => state === 'connected'));
  },

  /** A group whose newcomers get all of its documents, with one that ends in `word`; gives an invitation. */
  async found(word: string, uses: number): Promise<string> {
    const { rules, founderRoles } = TEMPLATES['founder-led'];
    const found = await open().groups.found({
      name: 'Bench',
      myName: 'Ana',
      rules: { ...rules, history: { ...rules.history, docs: 'full' } },
      myRoles: founderRoles,
      channels: ['plaza'],
    });
    if (found.is !== 'group') throw new Error(found.problem);
    const id = await open().documents.create({ title: 'Bench', with: groupHome(found.group, 'everyone') });
    const { doc, saved } = await open().documents.open(id);
    const text = paragraphOf(doc);
    text.insert(0, `${'All that was said here stays here. '.repeat(100)}${word}`);
    await until(saved, (state) => state === 'saved');
    const invitation = await open().groups.open(found.group).invite({ role: undefined, uses });
    if (typeof invitation === 'string') throw new Error(invitation);
    await until(open().connection, ({ waiting }) => waiting === 0);
    return invitation.code!;
  },

  /** Milliseconds from the code to the moment when the group and its document can be read. */
  async join(code: string, word: string): Promise<number> {
    const begun = performance.now();
    const answer = await open().groups.join(code, 'Bea');
    if (answer.is === 'refused') throw new Error(answer.problem);
    await seen(word);
    return performance.now() - begun;
  },

  peopleIn(): number {
    return namedIn(open().groups.open(open().groups.list.current[0]!.id).state.current);
  },

  /** Until so many people are known here by name. */
  async hasIn(count: number): Promise<void> {
    const group = open().groups.open(open().groups.list.current[0]!.id);
    await until(group.state, (state) => namedIn(state) >= count);
  },

  /** The code for a further device of this person. */
  async showDeviceCode(passphrase: string): Promise<string> {
    const answer = await ownDevices().showCode(passphrase);
    const offer = ownDevices().offer.current;
    if (answer !== 'shown' || offer.is !== 'open') throw new Error(`device code: ${answer}`);
    return offer.code;
  },
  /** Asks to become one; gives the number that the person compares. */
  async askIn(code: string): Promise<string> {
    const answer = await ownDevices().join(code, 'second');
    if (answer !== 'asked') throw new Error(answer);
    const joining = await until(ownDevices().joining, ({ is }) => is === 'asking');
    return joining.is === 'asking' ? joining.number : '';
  },
  /** The moment it is let in: after the seconds in which the person may still say no. */
  async letIn(number: string): Promise<number> {
    await until(ownDevices().offer, ({ is }) => is === 'asked');
    const answer = await ownDevices().confirm(number);
    if (answer !== 'confirmed') throw new Error(answer);
    await until(ownDevices().offer, ({ is }) => is === 'added');
    return performance.timeOrigin + performance.now();
  },
  /** The moment when the person's group can be read here. */
  async sees(word: string): Promise<number> {
    await seen(word);
    return performance.timeOrigin + performance.now();
  },
};

export type GroupPage = typeof page;

Object.assign(globalThis, { page });

// Groups in memory: founding, joining and knocking end at once, or in the way that the code's words ask for.

import type {
  Founding,
  FoundResult,
  Group,
  GroupEntry,
  GroupId,
  Groups,
  InvitationReading,
  JoinResult,
  Person,
  PersonId,
} from '#app/groups/group-api.ts';
import type { ChannelId } from '#app/groups/group-api.ts';
import type { ActId } from '#app/groups/group-api.ts';
import { LiveValue } from '#app/live-value.ts';
import { isSound } from '#core/charter/rules.ts';
import type { Millis } from '#core/ports.ts';
import { MemoryGroup, type Seed } from './memory-group.ts';
import { manyTasks, seedTasks } from './memory-task-seeds.ts';
import { KITCHEN, REMOVED, SHIFT, WAITING } from './memory-group-seeds.ts';

/** What an invitation's code begins with here; the words behind it choose what comes of it. */
const INVITATION = 'dXMg';
const QUESTIONS = KITCHEN.state.rules.knock;

/** What a code is, from the words in it. */
export function readInvitation(code: string): InvitationReading {
  const problem = (['damaged', 'cut', 'newer-version', 'expired'] as const).find((is) => code.includes(`group-${is}`));
  if (problem !== undefined) return { is: problem };
  if (!code.includes(INVITATION)) return { is: 'foreign' };
  const groupName = 'Riverside Allotments';
  if (code.includes('knock')) return { is: 'group-card', groupName, questions: QUESTIONS };
  return { is: 'invitation', groupName, expiresAt: undefined };
}

export class MemoryGroups implements Groups {
  readonly list: LiveValue<readonly GroupEntry[]>;
  readonly #groups = new Map<GroupId, MemoryGroup>();
  #made = 0;

  constructor(hasGroups: boolean, isOld = false) {
    this.list = new LiveValue<readonly GroupEntry[]>([]);
    const tasks: Seed['tasks'] = isOld ? (state) => manyTasks(state, 5_000) : seedTasks;
    if (hasGroups) for (const seed of [{ ...KITCHEN, tasks }, SHIFT, REMOVED, WAITING]) this.#add(seed);
  }

  found(founding: Founding): Promise<FoundResult> {
    if (founding.name.trim() === '') return Promise.resolve({ is: 'refused', problem: 'empty-name' });
    if (!isSound(founding.rules)) return Promise.resolve({ is: 'refused', problem: 'unsound-rules' });
    const me = member(`me ${this.#made}`, founding.myName, true);
    const roles = founding.myRoles.map((role) => ({ role, why: [{ is: 'founding' as const }] }));
    const seed = this.#seed(founding.name, 'in', [{ ...me, roles, came: { by: 'founding' } }], founding.channels);
    const at = Date.now() as Millis;
    const act = {
      id: `act of ${seed.id}` as ActId,
      by: me.id,
      what: { is: 'founded' },
      fate: 'stands',
      at,
      dated: 'made',
    } as const;
    this.#add({ ...seed, state: { ...seed.state, rules: founding.rules }, history: [act] });
    return Promise.resolve({ is: 'group', group: seed.id });
  }

  readCode(code: string): InvitationReading {
    return code.includes('already') ? { is: 'member-already', group: KITCHEN.id } : readInvitation(code);
  }

  join(code: string, myName: string): Promise<JoinResult> {
    const problem = (['used-up', 'withdrawn', 'no-room'] as const).find((is) => code.includes(is));
    if (problem !== undefined) return Promise.resolve({ is: 'refused', problem });
    const isWaiting = code.includes('waiting');
    const people = isWaiting ? [] : [member('ana', 'Ana', false), member(`me ${this.#made}`, myName, true)];
    const standing = isWaiting ? 'waiting' : 'in';
    const seed = this.#seed('Riverside Allotments', standing, people, isWaiting ? [] : ['General']);
    this.#add(seed);
    return Promise.resolve({ is: isWaiting ? 'waiting' : 'joined', group: seed.id });
  }

  knock(): Promise<JoinResult> {
    const seed = this.#seed('Riverside Allotments', 'knocking', [], []);
    this.#add(seed);
    return Promise.resolve({ is: 'waiting', group: seed.id });
  }

  open(group: GroupId): Group {
    return this.#groups.get(group)!;
  }

  #seed(name: string, standing: GroupEntry['state'], people: readonly Person[], channels: readonly string[]): Seed {
    const id = `group ${name} ${this.#made++}` as GroupId;
    return {
      id,
      state: { ...SHIFT.state, name, standing, people },
      channels: channels.map((title) => ({
        channel: {
          id: `channel ${title} of ${id}` as ChannelId,
          name: title,
          readers: 'everyone',
          unread: 0,
          mentions: 0,
          mayPost: true,
        },
        said: [],
      })),
      history: [],
    };
  }

  #add(seed: Seed): void {
    const group: MemoryGroup = new MemoryGroup(seed, (wiped) => {
      if (wiped) this.#groups.delete(seed.id);
      this.#tell();
    });
    this.#groups.set(seed.id, group);
    this.#tell();
  }

  #tell(): void {
    this.list.set(
      [...this.#groups.values()].map((group) => ({
        id: group.id,
        name: group.state.current.name,
        state: group.state.current.standing,
        unread: group.channels.current.reduce((sum, { unread }) => sum + unread, 0),
        mentions: group.channels.current.reduce((sum, { mentions }) => sum + mentions, 0),
        lastMessage: group.last,
      })),
    );
  }
}

function member(id: string, name: string, isMe: boolean): Person {
  return {
    id: `person ${id}` as PersonId,
    name,
    nameWarning: undefined,
    isMe,
    isIn: true,
    roles: [],
    came: { by: 'invitation', from: 'person ana' as PersonId },
    presence: 'away',
    devices: 1,
    lastHeard: undefined,
  };
}

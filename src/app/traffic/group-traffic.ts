// What mostly groups need of the session's traffic, made together: their mail, topics, keys, meeting after removals, and last
// words to who was removed or ended. Apart from the engine, so that what opens a conversation does not wait for this code.

import type { CryptoSuite } from '#core/crypto/suite.ts';
import type { DeviceId, OpId } from '#core/charter/ids.ts';
import { Beckonings, type BeckoningPorts } from './beckoning.ts';
import { Endings } from './endings.ts';
import { Farewells } from './farewells.ts';
import { GroupMail } from './group-mail.ts';
import type { MailOutPorts } from './mail-out.ts';
import { GroupTopics, type GroupTopicsPorts } from './group-topics.ts';
import { KeyDuties, type KeyDutiesPorts } from '../space/key-duty.ts';
import type { Replica } from '../space/replica.ts';

export interface GroupTrafficPorts {
  readonly mail: MailOutPorts;
  readonly suite: CryptoSuite;
  readonly take: GroupTopicsPorts['take'];
  readonly duties: KeyDutiesPorts;
  readonly meeting: Omit<BeckoningPorts, 'tellEnded'>;
  /** Leaves a device the ops that lead to an end; once more where it turned up not knowing. */
  readonly farewell: (replica: Replica, device: DeviceId, op: OpId) => void;
  readonly considerMail: (replica: Replica) => void;
}

export interface GroupTraffic {
  readonly mail: GroupMail;
  readonly topics: GroupTopics;
  readonly duties: KeyDuties;
  readonly beckonings: Beckonings;
  readonly endings: Endings;
  readonly farewells: Farewells;
}

export function groupTraffic(ports: GroupTrafficPorts): GroupTraffic {
  const { mail, suite, take, duties, meeting, farewell, considerMail } = ports;
  const endings = new Endings({ clock: mail.clock, tell: farewell });
  const tellEnded = (replica: Replica, device: DeviceId): void => {
    if (endings.tellAgain(replica, device)) considerMail(replica);
  };
  return {
    mail: new GroupMail(mail),
    topics: new GroupTopics({ suite, disk: mail.disk, take }),
    duties: new KeyDuties(duties),
    beckonings: new Beckonings({ ...meeting, tellEnded }),
    endings,
    farewells: new Farewells(mail),
  };
}

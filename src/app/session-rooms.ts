// The parts of a session that not everybody uses at once: groups with their tasks, and further devices of one's own. A
// file of their own, so that what opens a conversation does not wait for their code.

import { groupTraffic } from './traffic/group-traffic.ts';
import { GroupBook } from './groups/groups.ts';
import { OwnDevicesBook } from './own-devices/own-devices.ts';
import type { SessionRooms } from './session-ports.ts';

export const sessionRooms: SessionRooms = {
  groupTraffic,
  groups: (ports) => new GroupBook(ports),
  ownDevices: (ports) => new OwnDevicesBook(ports),
};

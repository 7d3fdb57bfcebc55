// Why a mailbox cannot be used now. What a relay node refuses is an answer, not a fault.

/**
 * `no-answer`: not in time, after several tries. `closed`: the link ended. `wrong-relay`: another one than its address
 * names. `refused`: the relay node says that we may not, or that we ask too much.
 */
export type MailboxFaultKind = 'no-answer' | 'closed' | 'wrong-relay' | 'refused';

export class MailboxFault extends Error {
  override readonly name = 'MailboxFault';
  readonly fault: MailboxFaultKind;
  constructor(fault: MailboxFaultKind) {
    super(`mailbox: ${fault}`);
    this.fault = fault;
  }
}

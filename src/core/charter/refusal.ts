// Why an op has no effect: in words that an app can say (charter/SPEC.md §4).

/** Not allowed to begin with, judged by the op's own past. */
export type Illegality =
  /** No cited grant carries the right, by the rules it acts under. */
  | 'no-right'
  /** Its author, or something else it cites, was ended in its own past. */
  | 'ended'
  /** `under` is not the charter in force in its past. */
  | 'other-charter'
  /** Whom or what it is about is unknown in its past, of another kind, or already gone. */
  | 'no-target'
  /** The target holds a role over others that is not junior to the author's. */
  | 'not-junior'
  /** A role that votes, once three hold it, is granted by vote only; roles over others never by invitation. */
  | 'needs-vote'
  /** Too few signatures of people who could vote both when it was proposed and when it was completed. */
  | 'too-few-signers'
  /** What was proposed was done before. */
  | 'already-done'
  /** A recovery key acts for a device, or a device for a recovery key. */
  | 'wrong-key'
  /** The key is or was bound in this space. */
  | 'key-known'
  | 'too-many-devices'
  /** A rotation for readers its author is not one of. */
  | 'not-a-reader'
  /** The evidence does not show what it says. */
  | 'no-proof'
  /** A type that has no meaning in this kind of space. */
  | 'not-here';

/** Allowed, and yet without effect because of what else happened. */
export type Voidness =
  /** Its author, or a grant it used, was ended by somebody who had not seen it. */
  | 'author-ended'
  /** It rests on an op that has no effect. */
  | 'rests-on-void'
  /** A change of rules that had not seen it took the right it uses. */
  | 'right-taken'
  /** The invitation was used up by others. */
  | 'uses-spent'
  /** Its key became a member's by another op. */
  | 'key-taken'
  /** The invitation was withdrawn, or its maker ended, by somebody who had not seen it. */
  | 'invitation-ended'
  /** The vote does not count: a signature under it, or a grant behind one, has no effect. */
  | 'signers-void';

/** What became of an op. */
export type Fate =
  | { readonly is: 'standing' }
  /** It stands and changes nothing (any more): the same was done already, or more senior rules won. */
  | { readonly is: 'outdone'; readonly by: string | undefined }
  | { readonly is: 'void'; readonly why: Voidness }
  | { readonly is: 'illegal'; readonly why: Illegality }
  /** Of a newer version. */
  | { readonly is: 'unread' };

// The keys of the app, in one table for the listener and the help.

import { m } from '#texts/messages.js';

export type ShortcutName = 'contacts' | 'documents' | 'newContact' | 'newGroup' | 'newDocument' | 'lock' | 'help';

interface Shortcut {
  readonly name: ShortcutName;
  /** `KeyboardEvent.code`: where the key is, whatever it writes. */
  readonly code: string;
  /** Alt+Shift together, which browsers and screen readers leave free; `?` works outside of text only. */
  readonly keys: readonly string[];
  readonly about: () => string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { name: 'contacts', code: 'KeyC', keys: ['Alt', 'Shift', 'C'], about: m.shortcut_contacts },
  { name: 'documents', code: 'KeyD', keys: ['Alt', 'Shift', 'D'], about: m.shortcut_documents },
  { name: 'newContact', code: 'KeyN', keys: ['Alt', 'Shift', 'N'], about: m.shortcut_new_contact },
  { name: 'newGroup', code: 'KeyG', keys: ['Alt', 'Shift', 'G'], about: m.shortcut_new_group },
  { name: 'newDocument', code: 'KeyW', keys: ['Alt', 'Shift', 'W'], about: m.shortcut_new_document },
  { name: 'lock', code: 'KeyL', keys: ['Alt', 'Shift', 'L'], about: m.shortcut_lock },
  { name: 'help', code: '', keys: ['?'], about: m.shortcut_help },
];

/** Which shortcut a key press asks for. */
export function shortcutFor(event: KeyboardEvent): ShortcutName | undefined {
  if (event.ctrlKey || event.metaKey || event.isComposing) return undefined;
  if (event.altKey && event.shiftKey) return SHORTCUTS.find(({ code }) => code !== '' && code === event.code)?.name;
  if (event.key === '?' && !event.altKey && !isWriting(event.target)) return 'help';
  return undefined;
}

function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

// What a document can hold (schema 1): headings, lists, checklists, links, code, quotes. Whatever else is pasted falls
// away, because the schema does not know it; links lead to the web or to a mail address and nowhere else.

import type { Extensions } from '@tiptap/core';
import { Blockquote } from '@tiptap/extension-blockquote';
import { Bold } from '@tiptap/extension-bold';
import { Code } from '@tiptap/extension-code';
import { CodeBlock } from '@tiptap/extension-code-block';
import { Collaboration } from '@tiptap/extension-collaboration';
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret';
import { Document } from '@tiptap/extension-document';
import { HardBreak } from '@tiptap/extension-hard-break';
import { Heading } from '@tiptap/extension-heading';
import { Italic } from '@tiptap/extension-italic';
import { Link } from '@tiptap/extension-link';
import { BulletList, ListItem, ListKeymap, OrderedList, TaskItem, TaskList } from '@tiptap/extension-list';
import { Paragraph } from '@tiptap/extension-paragraph';
import { Strike } from '@tiptap/extension-strike';
import { Text } from '@tiptap/extension-text';
import type { OpenDocument } from '#app/api.ts';
import { cursorColour } from '#app/documents/cursor-colour.ts';
import { m } from '#texts/messages.js';

const SCHEMES: readonly string[] = ['http:', 'https:', 'mailto:'];

/** True for addresses a document may link to. */
export function isAllowedLink(address: string): boolean {
  return URL.canParse(address) && SCHEMES.includes(new URL(address).protocol);
}

/** What people type for an address, as an address; undefined when it cannot be one. */
export function linkFrom(typed: string): string | undefined {
  const text = typed.trim();
  if (isAllowedLink(text)) return text;
  if (/^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/u.test(text)) return `mailto:${text}`;
  const guess = `https://${text}`;
  return /^[^\s:]+\.[^\s]+$/u.test(text) && isAllowedLink(guess) ? guess : undefined;
}

/** A name that came with a cursor, fit for a small flag: no line breaks, no marks that turn the text around. */
export function caretName(name: unknown): string {
  const text = typeof name === 'string' ? name.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '').trim() : '';
  return text === '' ? m.somebody() : [...text].slice(0, 40).join('');
}

function drawCaret(user: Record<string, unknown>): HTMLElement {
  // Told apart by name as well, never by colour alone.
  const colour = typeof user['color'] === 'string' ? user['color'] : '#27566b';
  const caret = document.createElement('span');
  caret.className = 'caret';
  caret.style.borderColor = colour;
  const flag = document.createElement('bdi');
  flag.className = 'caret-flag';
  flag.style.backgroundColor = colour;
  flag.textContent = caretName(user['name']);
  caret.append(flag);
  return caret;
}

export function editorExtensions({ doc, awareness }: OpenDocument, myName: string): Extensions {
  return [
    // Not the starter kit: its undo is per editor, where ours takes back one's own changes only, and nobody asked for
    // the rest of it.
    ...[Document, Paragraph, Text, Heading, Blockquote, CodeBlock, HardBreak, Bold, Italic, Strike, Code],
    ...[BulletList, OrderedList, ListItem, ListKeymap],
    Link.configure({
      openOnClick: 'whenNotEditable' as never,
      autolink: true,
      linkOnPaste: true,
      defaultProtocol: 'https',
      isAllowedUri: (address) => isAllowedLink(address),
      HTMLAttributes: { rel: 'noopener noreferrer', target: '_blank' },
    }),
    TaskList,
    TaskItem.configure({
      nested: true,
      a11y: { checkboxLabel: (node) => m.document_task({ text: node.textContent }) },
    }),
    Collaboration.configure({ fragment: doc.getXmlFragment('body') }),
    CollaborationCaret.configure({
      provider: { awareness },
      user: { name: myName, color: cursorColour(doc.clientID) },
      render: drawCaret,
    }),
  ];
}

// A TipTap editor as Svelte sees it: what is read through `now` is read again after each change.

import { Editor } from '@tiptap/core';
import { createSubscriber } from 'svelte/reactivity';
import type { OpenDocument } from '#app/api.ts';
import { m } from '#texts/messages.js';
import { editorExtensions } from './editor-extensions.ts';

export class LiveEditor {
  readonly #editor: Editor;
  readonly #subscribe: () => void;

  constructor(element: HTMLElement, document: OpenDocument, myName: string) {
    this.#editor = new Editor({
      element,
      // The policy for styles allows own files only; ours are in editor.css.
      injectCSS: false,
      extensions: editorExtensions(document, myName),
      // Never a text: it would go through an HTML parser, which Trusted Types rightly refuse.
      content: { type: 'doc', content: [{ type: 'paragraph' }] },
      editable: document.mode === 'edit',
      editorProps: {
        attributes: {
          class: 'document-body',
          role: 'textbox',
          'aria-multiline': 'true',
          'aria-label': m.document_body(),
          autocomplete: 'off',
        },
      },
    });
    this.#subscribe = createSubscriber((changed) => {
      // Later: taking the editor off the page blurs it, in the middle of Svelte's own work.
      const soon = (): void => queueMicrotask(changed);
      this.#editor.on('transaction', soon);
      return () => this.#editor.off('transaction', soon);
    });
  }

  /** For reading what depends on text and selection. */
  get now(): Editor {
    this.#subscribe();
    return this.#editor;
  }

  get editor(): Editor {
    return this.#editor;
  }

  close(): void {
    this.#editor.destroy();
  }
}

// Finds web addresses in a text. Nothing is fetched, and what is shown is where the link leads: an address in another
// script is shown in the form the network uses, and one that carries a name before an @ is left as text.

export type Piece =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'link'; readonly text: string; readonly href: string };

const ADDRESS = /https?:\/\/[^\s<>"'`]+/giu;
/** Marks that end a sentence, and closing brackets, belong to the sentence. */
const TRAILING = /[.,;:!?…،؟。)\]}»”]+$/u;

export function linkedText(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const add = (part: string): void => void (part !== '' && pieces.push({ is: 'text', text: part }));
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutTrailing(found);
    const link = linkTo(address);
    if (link === undefined) continue;
    add(text.slice(from, index));
    pieces.push(link);
    from = index + address.length;
  }
  add(text.slice(from));
  return pieces;
}

function withoutTrailing(found: string): string {
  const cut = found.replace(TRAILING, '');
  // "(see https://example.org/a_(b))": a bracket that was opened inside stays.
  return found[cut.length] === ')' && count(cut, '(') > count(cut, ')') ? found.slice(0, cut.length + 1) : cut;
}

function count(text: string, letter: string): number {
  return text.split(letter).length - 1;
}

function linkTo(address: string): Piece | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (!['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') return undefined;
  const isPlain = /^[\x21-\x7e]+$/u.test(address);
  return { is: 'link', text: isPlain ? address : url.href, href: url.href };
}

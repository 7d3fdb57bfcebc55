// The built app as a table of paths, made once at the start. What is not in the table does not exist, so no path can
// lead out of the folder.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

export type Coding = 'br' | 'gzip';

export interface AppFile {
  /** The path in the URL, decoded. */
  readonly urlPath: string;
  readonly etag: string;
  readonly plain: Stored;
  readonly coded: Partial<Record<Coding, Stored>>;
}

export interface Stored {
  readonly file: string;
  readonly size: number;
}

const CODED = { '.br': 'br', '.gz': 'gzip' } as const;

/** Every file below the folder; empty when there is none. Symbolic links are not followed. */
export function listAppFiles(folder: string): Map<string, AppFile> {
  const root = path.resolve(folder);
  const files = new Map<string, AppFile>();
  if (!existsSync(root)) return files;
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const sizes = new Map<string, number>();
  for (const entry of entries) sizes.set(path.join(entry.parentPath, entry.name), 0);
  for (const file of sizes.keys()) {
    const extension = path.extname(file);
    const isCodedCopy = extension in CODED && sizes.has(file.slice(0, -extension.length));
    if (!isCodedCopy) addFile(files, root, file);
  }
  return files;
}

function addFile(files: Map<string, AppFile>, root: string, file: string): void {
  const content = readFileSync(file);
  const urlPath = `/${path.relative(root, file).split(path.sep).join('/')}`;
  const coded: Partial<Record<Coding, Stored>> = {};
  for (const [ending, coding] of Object.entries(CODED)) {
    if (existsSync(file + ending)) coded[coding] = { file: file + ending, size: readFileSync(file + ending).length };
  }
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
  const entry: AppFile = { urlPath, etag, plain: { file, size: content.length }, coded };
  files.set(urlPath, entry);
  if (path.basename(file) === 'index.html') files.set(urlPath.slice(0, -'index.html'.length), entry);
}

/** The smallest form the browser takes. */
export function pickStored(file: AppFile, acceptEncoding: string): { stored: Stored; coding: Coding | undefined } {
  const accepted = acceptEncoding.split(',').map((part) => part.trim());
  for (const coding of ['br', 'gzip'] as const) {
    const stored = file.coded[coding];
    const isAccepted = accepted.some(
      (part) => part === coding || (part.startsWith(`${coding};`) && !/q=0$/.test(part)),
    );
    if (stored !== undefined && isAccepted) return { stored, coding };
  }
  return { stored: file.plain, coding: undefined };
}

// Answers plain requests: the app's files, /relay.json, /healthz. Nothing is written down about who asked for what.

import { createReadStream } from 'node:fs';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { listAppFiles, pickStored, type AppFile } from './app-files.ts';
import { cacheControl, COMMON_HEADERS, contentType, headersOf } from './headers.ts';
import type { Serve } from '../network/one-port.ts';

export interface WebSide {
  readonly appFolder: string;
  /** What `/relay.json` says; asked anew each time, since ports are known only after the start. */
  relay(): RelayJson;
  health(): 'ok' | 'store-full' | 'store-broken' | 'starting';
}

/** README.md says what each field means. */
export interface RelayJson {
  readonly peer: string;
  readonly stun?: number;
  readonly webrtcDirect?: { readonly port: number; readonly certhash: string };
}

const NO_APP = 'This relay node serves no app: build one, or name its folder with --app.\n';

export function makeServe(side: WebSide): { serve: Serve; appFiles: number } {
  const files = listAppFiles(side.appFolder);
  const serve: Serve = (request, response) => {
    try {
      answer(side, files, { request, response });
    } catch {
      sendText(response, 400, 'Bad request\n');
    }
  };
  return { serve, appFiles: files.size };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function answer(side: WebSide, files: ReadonlyMap<string, AppFile>, { request, response }: Exchange): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return sendText(response, 405, 'Only GET and HEAD\n', { allow: 'GET, HEAD' });
  }
  const urlPath = pathOf(request.url ?? '/');
  if (urlPath === '/relay.json') {
    // Apps that came from elsewhere read this one file, to learn who answers here.
    const open = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' };
    return sendJson(response, 200, side.relay(), open);
  }
  if (urlPath === '/healthz') {
    const status = side.health();
    return sendJson(response, status === 'ok' ? 200 : 503, { status });
  }
  const file = urlPath === undefined ? undefined : files.get(urlPath);
  if (file !== undefined) return sendFile(file, { request, response });
  sendText(response, 404, urlPath === '/' ? NO_APP : 'Not found\n');
}

/** `undefined` for a path that is not text; it is looked up as it is, never resolved. */
function pathOf(url: string): string | undefined {
  const end = url.search(/[?#]/);
  try {
    return decodeURIComponent(end === -1 ? url : url.slice(0, end));
  } catch {
    return undefined;
  }
}

function sendFile(file: AppFile, { request, response }: Exchange): void {
  const { stored, coding } = pickStored(file, String(request.headers['accept-encoding'] ?? ''));
  const headers: OutgoingHttpHeaders = {
    ...headersOf(file.urlPath),
    'cache-control': cacheControl(file.urlPath),
    'content-type': contentType(path.extname(file.urlPath)),
    etag: file.etag,
    vary: 'accept-encoding',
  };
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  headers['content-length'] = stored.size;
  if (coding !== undefined) headers['content-encoding'] = coding;
  if (request.method === 'HEAD') {
    response.writeHead(200, headers).end();
    return;
  }
  const content = createReadStream(stored.file);
  content.once('open', () => response.writeHead(200, headers));
  // A file that went since the start (a new build) ends as a broken answer, and the browser asks again.
  pipeline(content, response, () => {});
}

function sendJson(response: ServerResponse, status: number, value: unknown, more: OutgoingHttpHeaders = {}): void {
  const headers = { ...COMMON_HEADERS, 'cache-control': 'no-store', 'content-type': contentType('.json'), ...more };
  response.writeHead(status, headers).end(`${JSON.stringify(value)}\n`);
}

function sendText(response: ServerResponse, status: number, text: string, more: OutgoingHttpHeaders = {}): void {
  const headers = { ...COMMON_HEADERS, 'cache-control': 'no-store', 'content-type': contentType('.txt'), ...more };
  response.writeHead(status, headers).end(text);
}

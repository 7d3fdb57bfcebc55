// Where a metric with two people takes place: who is there already and who comes, each with pages of their own, and a place
// where a peer's server runs.
import { spawn } from 'node:child_process';
import type { Browser, Page } from 'playwright';
import type { BenchPages } from './browsers.ts';

export type Side = 'host' | 'guest';

/** A node program that listens on the port it finds in `PORT`. */
export interface Program {
  readonly args: readonly string[];
  readonly port: number;
}

export interface Sides {
  /** A page in a browser context of its own, as on another machine. */
  open(side: Side, name: string): Promise<Page>;
  /** Runs a program where both sides reach it. */
  serve(program: Program): { readonly address: string; readonly stop: () => void };
  close(): Promise<void>;
}

/** Both in one browser, everything on this machine: no road takes any time. */
export function onOneMachine(browser: Browser, pages: BenchPages): Sides {
  return {
    open: (_, name) => pages.open(browser, name),
    serve: ({ args, port }) => {
      const child = spawn(process.execPath, args, { env: { ...process.env, PORT: String(port) }, stdio: 'ignore' });
      return { address: `ws://127.0.0.1:${port}`, stop: () => child.kill() };
    },
    close: () => Promise.resolve(),
  };
}

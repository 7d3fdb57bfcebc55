// The peer of metric 13: a group of ts-mls with the same primitives (X-Wing, AES-256-GCM, Ed25519), made by one commit.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const VERSIONS = ['ts-mls@1.6.4', '@hpke/hybridkem-x-wing@0.7.0', '@noble/curves@2.0.1', '@noble/hashes@2.0.1'];
const SUITE = 'MLS_256_XWING_AES256GCM_SHA512_Ed25519';

/** Of its interface what is used here. */
interface TsMls {
  readonly emptyPskIndex: unknown;
  getCiphersuiteFromName(name: string): unknown;
  getCiphersuiteImpl(suite: unknown): Promise<unknown>;
  defaultCapabilities(): unknown;
  readonly defaultLifetime: unknown;
  generateKeyPackage(...of: unknown[]): Promise<{ publicPackage: unknown; privatePackage: unknown }>;
  createGroup(...of: unknown[]): Promise<State>;
  createCommit(
    context: { state: State; cipherSuite: unknown },
    options: { extraProposals: unknown[] },
  ): Promise<{ newState: State; welcome: unknown; commit: { privateMessage: unknown } }>;
  joinGroup(...of: unknown[]): Promise<State>;
  processPrivateMessage(...of: unknown[]): Promise<{ newState: State }>;
}

interface State {
  readonly ratchetTree: unknown;
}

/** Brings it into a folder of its own, once: it is no part of the product. */
async function load(): Promise<TsMls> {
  const folder = join(tmpdir(), 'understory-bench-ts-mls');
  const entry = join(folder, 'node_modules/ts-mls/dist/src/index.js');
  if (!existsSync(entry)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"type":"module","private":true}');
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--save-exact'];
    execFileSync('npm', ['install', ...options, ...VERSIONS], { cwd: folder, stdio: 'ignore' });
  }
  return (await import(pathToFileURL(entry).href)) as TsMls;
}

/** Two members of a group of `size`, one of whom removes others while the other hears of it. */
export class MlsPair {
  readonly #mls: TsMls;
  readonly #suite: unknown;
  #alice: State;
  #bob: State;

  private constructor(mls: TsMls, suite: unknown, members: { readonly alice: State; readonly bob: State }) {
    this.#mls = mls;
    this.#suite = suite;
    this.#alice = members.alice;
    this.#bob = members.bob;
  }

  static async make(size: number): Promise<MlsPair> {
    const mls = await load();
    const suite = await mls.getCiphersuiteImpl(mls.getCiphersuiteFromName(SUITE));
    const key = (name: string) => {
      const credential = { credentialType: 'basic', identity: new TextEncoder().encode(name) };
      return mls.generateKeyPackage(credential, mls.defaultCapabilities(), mls.defaultLifetime, [], suite);
    };
    const first = await key('alice');
    const others = [];
    for (let i = 1; i < size; i++) others.push(await key(`member ${i}`));
    const begun = await mls.createGroup(new Uint8Array([1]), first.publicPackage, first.privatePackage, [], suite);
    const extraProposals = others.map(({ publicPackage }) => ({
      proposalType: 'add',
      add: { keyPackage: publicPackage },
    }));
    const added = await mls.createCommit({ state: begun, cipherSuite: suite }, { extraProposals });
    const { publicPackage, privatePackage } = others[0]!;
    const tree = added.newState.ratchetTree;
    const bob = await mls.joinGroup(added.welcome, publicPackage, privatePackage, mls.emptyPskIndex, suite, tree);
    return new MlsPair(mls, suite, { alice: added.newState, bob });
  }

  /** Milliseconds until the other one has the keys without the removed. */
  async remove(leaf: number): Promise<number> {
    const start = performance.now();
    const extraProposals = [{ proposalType: 'remove', remove: { removed: leaf } }];
    const made = await this.#mls.createCommit({ state: this.#alice, cipherSuite: this.#suite }, { extraProposals });
    const { privateMessage } = made.commit;
    const heard = await this.#mls.processPrivateMessage(
      this.#bob,
      privateMessage,
      this.#mls.emptyPskIndex,
      this.#suite,
    );
    const took = performance.now() - start;
    this.#alice = made.newState;
    this.#bob = heard.newState;
    return took;
  }
}

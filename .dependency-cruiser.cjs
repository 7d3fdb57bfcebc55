// Who may import whom: the table of rooms in README.md, read by a machine.
/** @type {import('dependency-cruiser').IConfiguration} */

const test = '\\.test\\.ts$';
const room = (path) => ({ path: `^${path}`, pathNot: test });

/** A room of core and the rooms of core it may import besides itself. */
const inside = {
  bytes: [],
  wire: ['bytes'],
  crypto: ['bytes', 'wire'],
  identity: ['bytes', 'wire', 'crypto'],
  charter: ['bytes', 'wire', 'crypto'],
  keys: ['bytes', 'wire', 'crypto', 'charter'],
  chain: ['bytes', 'wire', 'crypto', 'charter', 'keys'],
  sync: ['bytes', 'wire', 'crypto', 'identity', 'charter', 'keys', 'chain'],
  docs: ['bytes', 'wire', 'crypto', 'identity', 'charter', 'keys', 'chain'],
  chat: ['bytes', 'wire', 'crypto', 'identity', 'charter', 'keys', 'chain'],
  tasks: ['bytes', 'wire', 'charter', 'chain'],
  decisions: ['bytes', 'wire', 'charter', 'chain'],
  neighbours: ['bytes', 'wire', 'crypto', 'identity', 'charter', 'keys', 'chain'],
  knocks: ['bytes', 'wire', 'crypto', 'identity', 'charter', 'keys', 'chain', 'sync'],
  vault: ['bytes', 'wire', 'crypto'],
  mailbox: ['bytes', 'wire', 'crypto'],
};

const coreRooms = Object.entries(inside).map(([name, allowed]) => ({
  name: `core-${name}`,
  comment: `src/core/${name} imports only ${[name, ...allowed].join(', ')} and ports.`,
  severity: 'error',
  from: room(`src/core/${name}/`),
  to: {
    path: '^src/',
    pathNot: `^src/core/((${[name, ...allowed].join('|')})/|ports\\.ts$|platform\\.d\\.ts$)`,
  },
}));

const CORE_LIBRARIES = '^node_modules/(@noble/|@hpke/|hash-wasm/|multiformats/|yjs/|valibot/|lib0/)';

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(\\$app|\\$service-worker|\\./\\$types|virtual:|@lucide/svelte/icons/)' },
    },
    {
      name: 'core-is-pure',
      comment: 'Core knows neither network nor disk nor screen.',
      severity: 'error',
      from: room('src/core/'),
      to: { pathNot: ['^src/core/', CORE_LIBRARIES] },
    },
    ...coreRooms,
    {
      name: 'adapters-know-core-only',
      severity: 'error',
      from: room('src/adapters/([^/]+)/'),
      to: { path: '^(src|relay-node|tests)/', pathNot: '^src/(core|adapters/$1)/' },
    },
    {
      name: 'app-below-screens',
      severity: 'error',
      from: room('src/app/'),
      to: { path: '^(src/(ui|routes|service-worker)|relay-node|tests)/' },
    },
    {
      name: 'session-knows-no-adapter',
      comment: 'Only the composition root joins the session to adapters; the simulator runs the rest.',
      severity: 'error',
      from: { path: '^src/app/', pathNot: [test, '^src/app/(start\\.ts|traffic/origin-relay\\.ts|device/)'] },
      to: { path: '^src/adapters/' },
    },
    {
      name: 'ui-knows-no-adapter',
      severity: 'error',
      from: room('src/ui/'),
      to: { path: '^(src/(routes|service-worker)|relay-node|tests)/|^src/adapters/(?!transfer-qr/)' },
    },
    {
      name: 'routes-compose',
      severity: 'error',
      from: room('src/routes/'),
      to: { path: '^(src/adapters|relay-node|tests)/' },
    },
    {
      name: 'relay-cannot-read-a-group',
      comment: 'An untrusted relay does not even contain code that could read a group.',
      severity: 'error',
      from: room('relay-node/'),
      to: {
        path: '^(src|tests)/',
        pathNot: '^src/core/((bytes|wire|crypto|mailbox|onion)/|ports\\.ts$|platform\\.d\\.ts$)',
      },
    },
    {
      name: 'nothing-needs-tests',
      severity: 'error',
      from: { path: '^(src|relay-node)/', pathNot: [test, '^src/ui/testing/'] },
      to: { path: '^tests/' },
    },
    {
      name: 'simulator-runs-what-ships',
      comment: 'The simulator drives src/app/session.ts; a copy of the session beside it would prove nothing.',
      severity: 'error',
      from: { path: '^tests/sim/', pathNot: test },
      to: {
        path: '^src/app/',
        pathNot: '^src/app/(session|space-content|api|backup-state|documents/|[a-z-]+/[a-z]+-api\\.ts$)',
      },
    },
  ],
  required: [
    {
      name: 'simulator-imports-the-session',
      severity: 'error',
      module: { path: '^tests/sim/person\\.ts$' },
      to: { path: '^src/app/session\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(build|\\.svelte-kit|\\.paraglide|src/paraglide|stubs)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    preserveSymlinks: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['svelte', 'import', 'types', 'default'] },
    skipAnalysisNotInRules: true,
  },
};

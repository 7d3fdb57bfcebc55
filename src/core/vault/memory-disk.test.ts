// The disk in memory keeps the promises of every disk, and sealed rows theirs over it.

import { diskSuite, sealedRowsSuite, type DiskUnderTest } from '#tests/suites/storage-suite.ts';
import { MemoryDisk } from './memory-disk.ts';

const memory: DiskUnderTest = {
  fresh: () => Promise.resolve(new MemoryDisk()),
  reopen: (closed) => Promise.resolve(new MemoryDisk((closed as MemoryDisk).cells)),
};

diskSuite('memory', memory);
sealedRowsSuite('memory', memory);

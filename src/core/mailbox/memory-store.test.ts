// The plain store keeps the promises of its interface.

import { mailStoreSuite } from '#tests/suites/mail-store-suite.ts';
import { MemoryMailStore } from './memory-store.ts';

mailStoreSuite('memory', { fresh: async () => new MemoryMailStore(), close: async () => {}, histories: 100 });

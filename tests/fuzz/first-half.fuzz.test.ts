// 100,000 mutated inputs for every decoder there is: typed faults only, none slower than 50 ms (P17). The first half.
import { fuzzShare } from './fuzz-share.ts';

fuzzShare(0, 2);

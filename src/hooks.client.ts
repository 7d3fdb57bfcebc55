// Runs before the router: a card's code leaves the address before anything else happens.

import { watchAddress } from '#ui/people/card-address.ts';

watchAddress();

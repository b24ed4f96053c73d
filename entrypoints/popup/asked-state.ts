import { readState } from '../../lib/extension-state.ts';

/** Asked for before the rest of the popup is evaluated: the answer takes as long. */
export const askedState = readState().catch(() => undefined);

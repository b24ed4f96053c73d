/** What every client is asked to do, so that all do the same. */

/** After so much the code is compiled in full and the windows are open. */
export const BULK = { warmUpBytes: 4_000_000, bytes: 8_000_000 };

/** A fast typist presses a key every 100 ms; 20 ms is a held key. */
export const ECHO = { keys: 200, pauseMs: 20 };

export const SECOND_TERMINALS = 5;

export const MANY_TERMINALS = 50;

/** Memory and CPU are read after so long: joins leave work behind, and the collector comes late. */
export const SETTLE_MS = 3000;

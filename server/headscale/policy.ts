import { readFileSync } from 'node:fs';

/** The one policy, constant for the life of the server. A bundle of the server ships the file beside itself. */
export const POLICY = readFileSync(new URL('./policy.hujson', import.meta.url), 'utf8');

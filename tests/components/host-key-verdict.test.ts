import { expect, test } from 'vitest';
import { hostKeyVerdict } from '../../components/host-key-verdict.ts';

const OFFERED = `SHA256:${'a'.repeat(42)}+`;
const OTHER = `SHA256:${'b'.repeat(43)}`;

test.each([
  ['nothing', '', 'unfinished'],
  ['its end only', OFFERED.slice(-6), 'unfinished'],
  ['all but the last character', OFFERED.slice(0, -1), 'unfinished'],
  ['one character more', `${OFFERED}a`, 'unfinished'],
  ['another case', OFFERED.toLowerCase(), 'unfinished'],
  ['the fingerprint', OFFERED, 'same'],
  ['the fingerprint between spaces', ` ${OFFERED}\n`, 'same'],
  ['the line of the command', `${OFFERED} ssh-ed25519`, 'same'],
  ['all its lines, as a field joins them', `${OTHER} ssh-ed25519${OFFERED} ssh-rsa`, 'same'],
  ['another key', `${OTHER} ssh-ed25519`, 'other'],
])('a hub that printed %s', (_, printed, verdict) => {
  expect(hostKeyVerdict(printed, OFFERED)).toBe(verdict);
});

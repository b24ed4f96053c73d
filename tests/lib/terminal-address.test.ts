import { describe, expect, test } from 'vitest';
import { parseTerminalAddress, terminalAddress } from '../../lib/terminal-address.ts';

const HUB = '01JD0000000000000000000000';

test.each(['main', 'two words', 'é日本', 'a/b', '#(x)', "it's", '100%'])(
  'the address of %j leads back to it',
  (session) => {
    const { hash } = new URL(terminalAddress(HUB, session), 'chrome-extension://x');
    expect(parseTerminalAddress(hash)).toEqual({ ok: true, value: { hubId: HUB, session } });
  },
);

describe('refused', () => {
  test.each([
    ['', 'bad-address'],
    ['#', 'bad-address'],
    ['#../../etc/passwd', 'bad-address'],
    [`#${HUB.toLowerCase()}/main`, 'bad-address'],
    [`#${HUB}`, 'session-name-refused'],
    [`#${HUB}/`, 'session-name-refused'],
    [`#${HUB}/%`, 'session-name-refused'],
    [`#${HUB}/%ff`, 'session-name-refused'],
    [`#${HUB}/a%3Ab`, 'session-name-refused'],
    [`#${HUB}/%00`, 'session-name-refused'],
    [`#${HUB}/%24(touch%20x)`, 'session-name-refused'],
  ])('%s', (hash, code) => {
    expect(parseTerminalAddress(hash)).toMatchObject({ ok: false, error: { code } });
  });
});

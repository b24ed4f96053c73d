import { expect, test } from 'vitest';
import { hubSharing } from '../../components/hub-sharing.ts';
import type { Share } from '../../protocol/hubs.ts';
import { hubView } from './made-up.ts';

const share = (email: string, state: Share['state']): Share => ({
  id: '01SHARE0000000000000000000',
  email,
  state,
  createdAt: '2026-11-22T14:00:00Z',
});
const said = (role: 'owner' | 'guest', ...shares: Share[]) =>
  hubSharing({ ...hubView('build-01').hub, role, shares });

test('a hub of one’s own that nobody else has says nothing', () => {
  expect(said('owner')).toBeUndefined();
});

test('a guest reads whose it is', () => {
  expect(said('guest')?.text).toBe('shared by ada@example.test');
});

test('an owner reads who else has it, and who was only asked', () => {
  const [bo, eve] = [share('bo@example.test', 'accepted'), share('eve@example.test', 'offered')];
  expect(said('owner', bo)?.text).toBe('shared with bo@example.test');
  expect(said('owner', eve)?.text).toBe('offered to eve@example.test');
  expect(said('owner', bo, { ...bo, email: 'cy@example.test' })?.text).toBe(
    'shared with 2 accounts',
  );
  expect(said('owner', bo, eve)).toEqual({
    text: 'shared',
    all: 'shared with bo@example.test\noffered to eve@example.test',
  });
});

test('an address is text of one line', () => {
  expect(said('owner', share('a\u202e\nb@example.test', 'accepted'))?.all).toBe(
    'shared with a b@example.test',
  );
});

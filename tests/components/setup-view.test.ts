import { expect, test } from 'vitest';
import { needsSetup, setupStep } from '../../components/setup-view.ts';
import type { ExtensionState } from '../../protocol/contexts.ts';
import { hubView, NOW, SIGNED_IN } from './made-up.ts';

const out = { kind: 'signed-out' as const, serverUrl: 'https://hubtab.example.test' };
test.each([
  ['nothing', { account: { kind: 'not-configured' }, hubs: [] }, 'server', true],
  ['a server', { account: out, hubs: [] }, 'sign-in', true],
  ['a sign-in that ended', { account: { ...out, email: 'a@b.test' }, hubs: [] }, 'sign-in', false],
  ['an account', { account: SIGNED_IN, hubs: [], hubsAtMs: NOW }, 'hub', true],
  ['a list not read yet', { account: SIGNED_IN, hubs: [] }, 'hub', false],
  ['a hub', { account: SIGNED_IN, hubs: [hubView('a')], hubsAtMs: NOW }, 'ready', false],
] as [string, ExtensionState, string, boolean][])(
  'whoever has %s stands at %s',
  (_, state, step, isNew) => {
    expect([setupStep(state), needsSetup(state)]).toEqual([step, isNew]);
  },
);

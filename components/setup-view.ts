import { i18n } from '#i18n';
import type { ExtensionState } from '../protocol/contexts.ts';

/** The steps of the first run, in order. */
export type SetupStep = 'server' | 'sign-in' | 'hub' | 'ready';

export function setupStep(state: ExtensionState): SetupStep {
  switch (state.account.kind) {
    case 'not-configured':
      return 'server';
    case 'signed-out':
      return 'sign-in';
    case 'signed-in':
      return state.hubs.length === 0 ? 'hub' : 'ready';
  }
}

/** Whether a visitor of the options page is here for the first time, and is led through the steps. */
export function needsSetup(state: ExtensionState): boolean {
  const { account } = state;
  if (account.kind === 'not-configured') return true;
  // Whoever signed in before has an email here, and knows the options page.
  if (account.kind === 'signed-out') return account.email === undefined;
  return state.hubsAtMs !== undefined && state.hubs.length === 0;
}

export const SETUP_STEPS = ['server', 'sign-in', 'hub'] as const;
export const SETUP_TITLES: Record<(typeof SETUP_STEPS)[number], string> = {
  server: i18n.t('setup.server'),
  'sign-in': i18n.t('action.signIn'),
  hub: i18n.t('popup.addHub'),
};

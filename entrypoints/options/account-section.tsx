import { i18n } from '#i18n';
import { useState } from 'preact/hooks';
import { faultWords } from '../../components/faults.ts';
import { serverName } from '../../components/popup-view.ts';
import { clockText } from '../../components/times.ts';
import { WrongHint } from '../../components/wrong-hint.tsx';
import { ask } from '../../lib/ask.ts';
import type { AccountState, ExtensionState } from '../../protocol/contexts.ts';
import { SignInForm, ServerForm } from './forms.tsx';

interface AccountSectionProps {
  state: ExtensionState;
  nowMs: number;
}

/** Which server, who is signed in, and the ways to change both. */
export function AccountSection({ state, nowMs }: AccountSectionProps) {
  const [isChanging, setChanging] = useState(false);
  const { account } = state;
  if (account.kind === 'not-configured' || isChanging) {
    return (
      <section id="account">
        <h2>{i18n.t('options.account.title')}</h2>
        <ServerForm
          initial={account.kind === 'not-configured' ? '' : account.serverUrl}
          onConnected={() => setChanging(false)}
          {...(isChanging ? { onCancel: () => setChanging(false) } : {})}
        />
      </section>
    );
  }
  return (
    <section id="account">
      <h2>{i18n.t('options.account.title')}</h2>
      <div class="set">
        <span class="medium">{serverName(account.serverUrl)}</span>
        <ServerHint state={state} server={serverName(account.serverUrl)} nowMs={nowMs} />
        <button type="button" class="button small" onClick={() => setChanging(true)}>
          {i18n.t('options.account.change')}
        </button>
      </div>
      <Person account={account} />
    </section>
  );
}

function Person({ account }: { account: Exclude<AccountState, { kind: 'not-configured' }> }) {
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  if (account.kind === 'signed-out') {
    return (
      <div class="sign-in" data-state="signed-out">
        <p class="muted">{i18n.t('options.account.notSignedIn')}</p>
        <SignInForm server={serverName(account.serverUrl)} />
      </div>
    );
  }
  const signOut = async () => {
    setBusy(true);
    const reply = await ask('sign-out', {});
    setFault(reply.ok ? undefined : faultWords(reply.error.code, {}, 'form').sentence);
    setBusy(false);
  };
  return (
    <div class="set" data-state="signed-in">
      <span class="medium">{account.email}</span>
      {fault === undefined ? (
        <span class="hint">{i18n.t('options.account.signOutHint')}</span>
      ) : (
        <WrongHint>{fault}</WrongHint>
      )}
      <button
        type="button"
        class="button small"
        aria-disabled={isBusy}
        onClick={() => void signOut()}
      >
        {isBusy ? i18n.t('options.account.signingOut') : i18n.t('options.account.signOut')}
      </button>
    </div>
  );
}

interface ServerHintProps {
  state: ExtensionState;
  server: string;
  nowMs: number;
}

function ServerHint({ state, server, nowMs }: ServerHintProps) {
  const fault = state.serverFault;
  if (fault?.code === 'server-unreachable') {
    return (
      <WrongHint fault={fault.code}>
        {i18n.t('options.account.noAnswer', { time: clockText(fault.sinceMs, nowMs) })}
      </WrongHint>
    );
  }
  // A missing permission has the strip above, which can mend it.
  if (fault && fault.code !== 'permission-missing') {
    return (
      <WrongHint fault={fault.code}>
        {faultWords(fault.code, { server }, 'form').sentence}
      </WrongHint>
    );
  }
  if (state.hubsAtMs === undefined) return null;
  return (
    <span class="hint num">
      {i18n.t('options.account.answered', { time: clockText(state.hubsAtMs, nowMs) })}
    </span>
  );
}

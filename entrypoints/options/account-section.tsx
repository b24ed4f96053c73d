import { useState } from 'preact/hooks';
import { faultWords } from '../../components/faults.ts';
import { serverName } from '../../components/popup-view.ts';
import { clockText } from '../../components/times.ts';
import { WrongHint } from '../../components/wrong-hint.tsx';
import { ask } from '../../lib/ask.ts';
import type { AccountState, ExtensionState } from '../../protocol/contexts.ts';
import { PairForm, ServerForm } from './forms.tsx';

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
        <h2>Account</h2>
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
      <h2>Account</h2>
      <div class="set">
        <span class="medium">{serverName(account.serverUrl)}</span>
        <ServerHint state={state} server={serverName(account.serverUrl)} nowMs={nowMs} />
        <button type="button" class="button small" onClick={() => setChanging(true)}>
          Change server
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
        <p class="muted">Not signed in</p>
        <PairForm server={serverName(account.serverUrl)} />
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
        <span class="hint">
          Signing out disconnects this browser from every hub. Agents keep running.
        </span>
      ) : (
        <WrongHint>{fault}</WrongHint>
      )}
      <button
        type="button"
        class="button small"
        aria-disabled={isBusy}
        onClick={() => void signOut()}
      >
        {isBusy ? 'Signing out' : 'Sign out'}
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
        {`No answer since ${clockText(fault.sinceMs, nowMs)}. Hubs that are connected stay connected.`}
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
  return <span class="hint num">Answered at {clockText(state.hubsAtMs, nowMs)}</span>;
}

import { i18n } from '#i18n';
import { useState } from 'preact/hooks';
import { JoinLine } from '../../components/join-line.tsx';
import { LineForm } from '../../components/line-form.tsx';
import { useNow } from '../../components/use-now.ts';
import { useJoinLine } from '../../components/use-join-line.ts';
import { watchJoinLine } from '../../lib/join-line.ts';
import type { AccountState } from '../../protocol/contexts.ts';
import { WrongHint } from '../../components/wrong-hint.tsx';
import { DeviceForm } from './device-form.tsx';
import { usePairing } from './use-pairing.ts';
import { useServer } from './use-server.ts';
import { useSignIn } from './use-sign-in.ts';

interface ServerFormProps {
  initial: string;
  onConnected: () => void;
  onCancel?: () => void;
}

/** Asks for the server. The browser's own question comes from its button, and says no more than this one address. */
export function ServerForm({ initial, onConnected, onCancel }: ServerFormProps) {
  const server = useServer(onConnected);
  if (server.missing.length > 0) {
    const hosts = server.missing.map((pattern) => pattern.replace(/^\w+:\/\/|\/\*$/g, ''));
    return (
      <div class="line-form" data-state="more-origins">
        <p>{i18n.t('setup.moreOrigins', { hosts: hosts.join(', ') })}</p>
        <div class="actions">
          <button type="button" class="button main" onClick={server.allowMissing}>
            {i18n.t('action.allowAccess')}
          </button>
        </div>
      </div>
    );
  }
  return (
    <LineForm
      name="server"
      label={i18n.t('setup.server')}
      placeholder="hubtab.example.test"
      initial={initial}
      submitLabel={i18n.t('setup.continue')}
      busyLabel={i18n.t('setup.asking')}
      isBusy={server.isBusy}
      error={server.error}
      onSubmit={server.connect}
      {...(onCancel ? { onCancel } : {})}
    >
      {!server.error && <p>{i18n.t('setup.willAsk')}</p>}
    </LineForm>
  );
}

/** Signs in on the server's own page; or by a code, where no window can be opened. */
export function SignInForm({ server }: { server: string }) {
  const [isByCode, setByCode] = useState(false);
  const [isForgotten, setForgotten] = useState(false);
  const { isBusy, error, signIn, fail } = useSignIn(server);
  if (isByCode) return <PairForm server={server} onCancel={() => setByCode(false)} />;
  // No window can be opened: the person approves a code on the server's page instead.
  if (error?.code === 'no-sign-in-window') {
    return (
      <DeviceForm
        server={server}
        isForgotten={isForgotten}
        onFailed={fail}
        onCancel={() => fail(undefined)}
      />
    );
  }
  return (
    <form
      class="line-form"
      data-state="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) signIn(isForgotten);
      }}
    >
      {error ? (
        <WrongHint fault={error.code}>{error.sentence}</WrongHint>
      ) : (
        <p>{i18n.t(isBusy ? 'setup.inWindow' : 'setup.window', { server })}</p>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={isForgotten}
          onChange={(event) => setForgotten(event.currentTarget.checked)}
        />
        {i18n.t('setup.forget')}
      </label>
      <div class="actions">
        <button type="submit" class="button main" aria-disabled={isBusy}>
          {i18n.t(isBusy ? 'setup.signingIn' : 'action.signIn')}
        </button>
        <button type="button" class="button plain" onClick={() => setByCode(true)}>
          {i18n.t('setup.useCode')}
        </button>
      </div>
    </form>
  );
}

/** Asks for the pairing code of the account. */
function PairForm({ server, onCancel }: { server: string; onCancel: () => void }) {
  const pairing = usePairing(server);
  return (
    <LineForm
      name="code"
      label={i18n.t('setup.code')}
      showsLabel
      submitLabel={i18n.t('action.signIn')}
      busyLabel={i18n.t('setup.signingIn')}
      isBusy={pairing.isBusy}
      error={pairing.error}
      onSubmit={pairing.pair}
      onCancel={onCancel}
    >
      {!pairing.error && <p>{i18n.t('setup.codeHint', { server })}</p>}
    </LineForm>
  );
}

interface AddHubProps {
  account: AccountState;
  server: string;
}

/** The join line, and the wait for its hub. */
export function AddHub({ account, server }: AddHubProps) {
  const nowMs = useNow(10_000);
  const { line, renew } = useJoinLine(watchJoinLine, account);
  return (
    <>
      <p>{i18n.t('setup.run')}</p>
      <JoinLine
        line={line}
        server={server}
        nowMs={nowMs}
        onCopy={(text) => navigator.clipboard.writeText(text)}
        onNewLine={renew}
      />
    </>
  );
}

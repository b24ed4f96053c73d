import { JoinLine } from '../../components/join-line.tsx';
import { LineForm } from '../../components/line-form.tsx';
import { useNow } from '../../components/use-now.ts';
import { useJoinLine } from '../../components/use-join-line.ts';
import { watchJoinLine } from '../../lib/join-line.ts';
import type { AccountState } from '../../protocol/contexts.ts';
import { usePairing } from './use-pairing.ts';
import { useServer } from './use-server.ts';

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
        <p>The server’s network is at {hosts.join(', ')}. The browser will ask for that too.</p>
        <div class="actions">
          <button type="button" class="button main" onClick={server.allowMissing}>
            Allow access
          </button>
        </div>
      </div>
    );
  }
  return (
    <LineForm
      name="server"
      label="Server address"
      placeholder="hubtab.example.test"
      initial={initial}
      submitLabel="Continue"
      busyLabel="Asking the server"
      isBusy={server.isBusy}
      error={server.error}
      onSubmit={server.connect}
      {...(onCancel ? { onCancel } : {})}
    >
      {!server.error && <p>The browser will ask whether Hubtab may reach this one address.</p>}
    </LineForm>
  );
}

/** Asks for the pairing code of the account. */
export function PairForm({ server }: { server: string }) {
  const pairing = usePairing(server);
  return (
    <LineForm
      name="code"
      label="Pairing code"
      showsLabel
      submitLabel="Sign in"
      busyLabel="Signing in"
      isBusy={pairing.isBusy}
      error={pairing.error}
      onSubmit={pairing.pair}
    >
      {!pairing.error && (
        <p>Type the code that {server} gave you, or ask whoever runs it for one. It works once.</p>
      )}
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
      <p>Run this on the machine where your agents work. It needs Node and tmux, and no root.</p>
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

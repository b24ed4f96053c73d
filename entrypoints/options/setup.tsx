import { useState } from 'preact/hooks';
import { SetupSteps } from '../../components/setup-steps.tsx';
import { setupStep } from '../../components/setup-view.ts';
import { hubStatus } from '../../components/session-groups.ts';
import { sessionLabel } from '../../components/session-view.ts';
import { serverName } from '../../components/popup-view.ts';
import { count } from '../../components/times.ts';
import { useNow } from '../../components/use-now.ts';
import { ask } from '../../lib/ask.ts';
import type { ExtensionState, HubView } from '../../protocol/contexts.ts';
import { AddHub, PairForm, ServerForm } from './forms.tsx';

interface SetupProps {
  state: ExtensionState;
  /** Leaves the first run for the options proper, at one of its sections. */
  onDone: (section: 'hubs' | 'add-hub') => void;
}

/** The first run: server, sign-in, first hub. Each step goes on by itself when the state says that it is done. */
export function Setup({ state, onDone }: SetupProps) {
  const [isChanging, setChanging] = useState(false);
  const nowMs = useNow(10_000);
  const { account } = state;
  const url = account.kind === 'not-configured' ? '' : account.serverUrl;
  const server = serverName(url);
  const step = isChanging ? 'server' : setupStep(state);
  const hub = state.hubs[0];
  const bodies = {
    server: (
      <ServerForm
        initial={url}
        onConnected={() => setChanging(false)}
        {...(isChanging ? { onCancel: () => setChanging(false) } : {})}
      />
    ),
    'sign-in': <PairForm server={server} />,
    hub: <AddHub account={account} server={server} />,
    ready: hub && <Ready view={hub} onDone={() => onDone('hubs')} />,
  };
  return (
    <SetupSteps
      step={step}
      done={{
        server: <Done text={server} action="Change" onAction={() => setChanging(true)} />,
        'sign-in': (
          <Done
            text={account.kind === 'signed-in' ? account.email : ''}
            action="Sign out"
            onAction={() => void ask('sign-out', {})}
          />
        ),
        hub: hub && (
          <Done
            text={hub.hub.name}
            note={hubStatus(hub, nowMs)}
            action="Add another"
            onAction={() => onDone('add-hub')}
          />
        ),
      }}
    >
      {bodies[step]}
    </SetupSteps>
  );
}

interface DoneProps {
  text: string;
  note?: string;
  action: string;
  onAction: () => void;
}

function Done({ text, note, action, onAction }: DoneProps) {
  return (
    <>
      <h2 class="cut">{text}</h2>
      {note !== undefined && <span class="muted num">{note}</span>}
      <button type="button" class="link-button" onClick={onAction}>
        {action}
      </button>
    </>
  );
}

/** What arrived, and the way into it. */
function Ready({ view, onDone }: { view: HubView; onDone: () => void }) {
  const { hub, sessions } = view;
  const first = sessions[0];
  const label = first && sessionLabel(first);
  const open = () => {
    if (first) void ask('open-terminal', { hubId: hub.id, session: first.name, where: 'focus' });
  };
  return (
    <>
      <dl class="facts">
        <dt>Shell as</dt>
        <dd>{hub.sshUser}, without root</dd>
        <dt>tmux</dt>
        <dd>
          {view.sessionsAtMs === undefined ? 'not read yet' : count(sessions.length, 'session')}
        </dd>
      </dl>
      <div class="end">
        {label ? (
          <button type="button" class="button main" onClick={open}>
            Open {[label.name, label.issue].filter(Boolean).join(' ')} on {hub.name}
          </button>
        ) : (
          <span>
            Start an agent there: <code>hubtab agent start</code>
          </span>
        )}
        <button type="button" class="button plain" onClick={onDone}>
          All options
        </button>
        <span class="muted later-keys">
          Later: the toolbar icon, or <kbd>Alt</kbd> <kbd>Shift</kbd> <kbd>H</kbd>
        </span>
      </div>
    </>
  );
}

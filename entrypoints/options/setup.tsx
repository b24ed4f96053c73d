import { i18n } from '#i18n';
import { useState } from 'preact/hooks';
import { SetupSteps } from '../../components/setup-steps.tsx';
import { setupStep } from '../../components/setup-view.ts';
import { hubStatus } from '../../components/session-groups.ts';
import { sessionLabel } from '../../components/session-view.ts';
import { serverName } from '../../components/popup-view.ts';
import { count } from '../../components/times.ts';
import { faultWords } from '../../components/faults.ts';
import { useFocus } from '../../components/use-focus.ts';
import { WrongHint } from '../../components/wrong-hint.tsx';
import { useNow } from '../../components/use-now.ts';
import { ask } from '../../lib/ask.ts';
import type { ExtensionState, HubView } from '../../protocol/contexts.ts';
import { AddHub, SignInForm, ServerForm } from './forms.tsx';

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
    'sign-in': <SignInForm server={server} />,
    hub: <AddHub account={account} server={server} />,
    ready: hub && <Ready view={hub} onDone={() => onDone('hubs')} />,
  };
  return (
    <SetupSteps
      step={step}
      done={{
        server: (
          <Done text={server} action={i18n.t('setup.change')} onAction={() => setChanging(true)} />
        ),
        'sign-in': (
          <Done
            text={account.kind === 'signed-in' ? account.email : ''}
            action={i18n.t('options.account.signOut')}
            onAction={() => void ask('sign-out', {})}
          />
        ),
        hub: hub && (
          <Done
            text={hub.hub.name}
            note={hubStatus(hub, nowMs)}
            action={i18n.t('setup.addAnother')}
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
  const button = useFocus<HTMLButtonElement>();
  const [fault, setFault] = useState<string>();
  const open = async () => {
    const hubId = hub.id;
    // A new hub has no session yet: a shell is one.
    const shell = first ? undefined : await ask('start-shell', { hubId });
    const session = first?.name ?? (shell?.ok ? shell.value.session : undefined);
    const reply = session ? await ask('open-terminal', { hubId, session, where: 'focus' }) : shell;
    if (reply && !reply.ok) setFault(faultWords(reply.error.code, { hub: hub.name }, 'list').title);
  };
  return (
    <>
      <dl class="facts">
        <dt>{i18n.t('setup.shellAs')}</dt>
        <dd>{i18n.t('setup.user', { user: hub.sshUser })}</dd>
        <dt>tmux</dt>
        <dd>
          {view.sessionsAtMs === undefined
            ? i18n.t('setup.notRead')
            : count(sessions.length, 'session')}
        </dd>
      </dl>
      <div class="end">
        <button type="button" class="button main" ref={button} onClick={() => void open()}>
          {label
            ? i18n.t('setup.open', {
                session: [label.name, label.issue].filter(Boolean).join(' '),
                hub: hub.name,
              })
            : i18n.t('setup.openTerminal', { hub: hub.name })}
        </button>
        <button type="button" class="button plain" onClick={onDone}>
          {i18n.t('setup.allOptions')}
        </button>
        <span class="muted later-keys">
          {i18n.t('setup.later')} <kbd>Alt</kbd> <kbd>Shift</kbd> <kbd>H</kbd>
        </span>
        {fault !== undefined && <WrongHint>{fault}</WrongHint>}
      </div>
    </>
  );
}

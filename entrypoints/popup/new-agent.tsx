import { i18n } from '#i18n';
import { NewAgentForm } from '../../components/new-agent-form.tsx';
import { knownRepos, startableHubs, useStartAgent } from '../../components/use-start-agent.ts';
import { ask } from '../../lib/ask.ts';
import type { ExtensionState } from '../../protocol/contexts.ts';

interface NewAgentProps {
  state: ExtensionState;
  onClose: () => void;
}

/** Starts an agent, and opens its terminal when the hub has made it. */
export function NewAgent({ state, onClose }: NewAgentProps) {
  const starting = useStartAgent(
    (hubId, request) => ask('start-agent', { hubId, request }),
    (hubId) => state.hubs.find(({ hub }) => hub.id === hubId)?.hub.name ?? '',
    (hubId, session) =>
      void ask('open-terminal', { hubId, session, where: 'focus' }).then(() => window.close()),
  );
  return (
    <main class="new-agent-page" data-state="new-agent">
      <h1>{i18n.t('newAgent.title')}</h1>
      <p class="muted">{i18n.t('newAgent.sentence')}</p>
      <NewAgentForm
        hubs={startableHubs(state, '')}
        repos={knownRepos(state)}
        initial={{ repo: '', issue: '' }}
        isBusy={starting.isBusy}
        error={starting.error}
        onStart={starting.begin}
        onCancel={onClose}
      />
    </main>
  );
}

import { i18n } from '#i18n';
import { useEffect } from 'preact/hooks';
import { browser } from 'wxt/browser';
import { Mark } from '../../components/mark.tsx';
import { NewAgentForm } from '../../components/new-agent-form.tsx';
import { useFollowed } from '../../components/use-followed.ts';
import { knownRepos, startableHubs, useStartAgent } from '../../components/use-start-agent.ts';
import { ask } from '../../lib/ask.ts';
import { followState, readState } from '../../lib/extension-state.ts';
import type { Issue } from '../../lib/issue-page.ts';

interface AgentPageProps {
  /** The issue that a page asked for; unset if the address names none. */
  issue: Issue | undefined;
}

/** Asks before an agent is started that a web page asked for. Nothing happens without a press of its button. */
export function AgentPage({ issue }: AgentPageProps) {
  const state = useFollowed(readState, followState);
  const starting = useStartAgent(
    (hubId, request) => ask('start-agent', { hubId, request }),
    (hubId) => state?.hubs.find(({ hub }) => hub.id === hubId)?.hub.name ?? '',
    (hubId, session) =>
      void ask('open-terminal', { hubId, session, where: 'focus' }).then(() => window.close()),
  );
  useEffect(() => {
    void ask('refresh', {});
  }, []);
  if (!state) return null;
  const repo = issue ? `${issue.owner}/${issue.repository}` : '';
  const isSignedIn = state.account.kind === 'signed-in';
  return (
    <main class="asking" data-state={isSignedIn ? 'asking' : state.account.kind}>
      <Mark />
      <h1>
        {issue
          ? i18n.t('newAgent.forIssue', { repo, issue: issue.number })
          : i18n.t('newAgent.title')}
      </h1>
      {isSignedIn ? (
        <>
          <p class="muted">{i18n.t(issue ? 'newAgent.asked' : 'newAgent.sentence')}</p>
          <NewAgentForm
            hubs={startableHubs(state, repo)}
            repos={knownRepos(state)}
            initial={{ repo, issue: issue ? String(issue.number) : '' }}
            isBusy={starting.isBusy}
            error={starting.error}
            onStart={starting.begin}
            onCancel={() => window.close()}
          />
        </>
      ) : (
        <>
          <p class="muted">{i18n.t('newAgent.signInFirst')}</p>
          <div>
            <button
              type="button"
              class="button main"
              onClick={() => void browser.runtime.openOptionsPage()}
            >
              {i18n.t('action.signIn')}
            </button>
          </div>
        </>
      )}
    </main>
  );
}

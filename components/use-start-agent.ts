import { useState } from 'preact/hooks';
import type { AgentRequest, ExtensionState, Result } from '../protocol/contexts.ts';
import { isLastKnown } from '../lib/waiting.ts';
import { faultWords } from './faults.ts';
import type { StartError } from './new-agent-form.tsx';
import { plainText } from './plain-text.ts';

/** Does the start; answers with the session. */
export type StartAgent = (
  hubId: string,
  request: AgentRequest,
) => Promise<Result<{ session: string }>>;

/** One start at a time, and what came of the last one. `onStarted` gets the session, also of an agent that ran already. */
export function useStartAgent(
  start: StartAgent,
  hubName: (hubId: string) => string,
  onStarted: (hubId: string, session: string) => void,
) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<StartError>();
  const begin = async (hubId: string, request: AgentRequest) => {
    setBusy(true);
    setError(undefined);
    const reply = await start(hubId, request);
    setBusy(false);
    if (reply.ok) onStarted(hubId, reply.value.session);
    else {
      const { code, detail } = reply.error;
      const { title, sentence } = faultWords(code, { hub: hubName(hubId) }, 'list');
      setError({ code, sentence: `${title}. ${sentence}`, detail: plainText(detail, 400) });
    }
  };
  return {
    isBusy,
    error,
    begin: (hubId: string, request: AgentRequest) => void begin(hubId, request),
  };
}

/** Hubs that an agent can be started on, those that work on this repository first. */
export function startableHubs(state: ExtensionState, repo: string): { id: string; name: string }[] {
  const worksOn = ({ sessions }: ExtensionState['hubs'][number]) =>
    sessions.some(({ agent }) => agent?.repo.toLowerCase() === repo.toLowerCase());
  return state.hubs
    .filter((view) => !isLastKnown(view))
    .toSorted((a, b) => Number(worksOn(b)) - Number(worksOn(a)))
    .map(({ hub }) => ({ id: hub.id, name: plainText(hub.name, 80) }));
}

/** Repositories that agents work on already, as they are named on hubs. */
export function knownRepos(state: ExtensionState): string[] {
  const repos = state.hubs.flatMap(({ sessions }) =>
    sessions.map(({ agent }) => agent?.repo ?? ''),
  );
  return [...new Set(repos.map((repo) => plainText(repo, 200)).filter(Boolean))].sort();
}

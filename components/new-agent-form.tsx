import { useId, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { isRepo, issueNumber } from '../lib/agent-commands.ts';
import type { AgentRequest } from '../protocol/contexts.ts';
import { HelpLink } from './help-link.tsx';
import { Icon } from './icon.tsx';
import { useFocus } from './use-focus.ts';
import { WrongHint } from './wrong-hint.tsx';

/** What the last start failed with, in words. */
export interface StartError {
  code: string;
  sentence: string;
  /** What the hub itself said; empty if nothing. */
  detail: string;
}

interface NewAgentFormProps {
  /** Hubs that are connected, the likely one first. */
  hubs: { id: string; name: string }[];
  /** Repositories that agents work on already. */
  repos: string[];
  initial: { repo: string; issue: string };
  isBusy: boolean;
  error: StartError | undefined;
  onStart: (hubId: string, request: AgentRequest) => void;
  onCancel: () => void;
}

type Field = 'repo' | 'issue' | 'command' | 'folder';
type Texts = Record<Field, string>;

/** Asks what an agent is to work on, and where. */
export function NewAgentForm(props: NewAgentFormProps) {
  const { hubs, repos, initial, isBusy, error, onStart, onCancel } = props;
  const [hubId, setHubId] = useState(hubs[0]?.id ?? '');
  const [texts, setTexts] = useState<Texts>({ ...initial, command: '', folder: '' });
  const [wrong, setWrong] = useState<Partial<Texts>>({});
  const id = useId();
  const first = useFocus<HTMLInputElement>();
  const hub = hubs.find((one) => one.id === hubId) ?? hubs[0];

  const submit = (event: Event) => {
    event.preventDefault();
    if (isBusy || hub === undefined) return;
    const found = mistakes(texts);
    setWrong(found);
    if (Object.keys(found).length === 0) onStart(hub.id, requestOf(texts));
  };
  const field = (name: Field, options: { placeholder?: string; hint?: string; list?: string }) => (
    <TextField
      id={`${id}-${name}`}
      name={name}
      label={i18n.t(`newAgent.${name}`)}
      value={texts[name]}
      wrong={wrong[name]}
      isFirst={name === 'repo' ? first : undefined}
      onText={(text) => setTexts({ ...texts, [name]: text })}
      {...options}
    />
  );
  return (
    <form class="new-agent" noValidate onSubmit={submit}>
      <div class="field">
        <label for={`${id}-hub`}>{i18n.t('newAgent.hub')}</label>
        {hubs.length === 0 ? (
          <WrongHint fault="no-hub">{i18n.t('newAgent.noHub')}</WrongHint>
        ) : (
          <select
            class="input"
            id={`${id}-hub`}
            name="hub"
            value={hub?.id}
            onChange={(event) => setHubId(event.currentTarget.value)}
          >
            {hubs.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        )}
      </div>
      <div class="pair">
        {field('repo', { placeholder: i18n.t('newAgent.repoPlaceholder'), list: `${id}-repos` })}
        {field('issue', { placeholder: i18n.t('newAgent.issuePlaceholder') })}
      </div>
      <datalist id={`${id}-repos`}>
        {repos.map((repo) => (
          <option key={repo} value={repo} />
        ))}
      </datalist>
      <details class="more" open={Boolean(wrong.command ?? wrong.folder)}>
        <summary>{i18n.t('newAgent.more')}</summary>
        {field('command', { hint: i18n.t('newAgent.commandHint') })}
        {field('folder', { hint: i18n.t('newAgent.folderHint') })}
      </details>
      {error && (
        <div class="start-error" role="alert" data-fault={error.code}>
          <p>
            {error.sentence} <HelpLink code={error.code} />
          </p>
          {error.detail !== '' && <code>{error.detail}</code>}
        </div>
      )}
      <div class="actions">
        <button type="submit" class="button main" aria-disabled={isBusy || hub === undefined}>
          {isBusy
            ? i18n.t('newAgent.starting', { hub: hub?.name ?? '' })
            : i18n.t('newAgent.start')}
          {!isBusy && <Icon name="corner-down-left" isSmall />}
        </button>
        <button type="button" class="button plain" onClick={onCancel}>
          {i18n.t('button.cancel')}
        </button>
      </div>
    </form>
  );
}

interface TextFieldProps {
  id: string;
  name: string;
  label: string;
  value: string;
  wrong: string | undefined;
  placeholder?: string;
  hint?: string;
  list?: string;
  isFirst: ReturnType<typeof useFocus<HTMLInputElement>> | undefined;
  onText: (text: string) => void;
}

function TextField(props: TextFieldProps) {
  const { id, name, label, value, wrong, placeholder, hint, list, isFirst, onText } = props;
  const says = wrong ?? hint;
  return (
    <div class={`field ${name}`}>
      <label for={id}>{label}</label>
      <input
        class="input mono"
        id={id}
        name={name}
        type="text"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        placeholder={placeholder}
        list={list}
        value={value}
        ref={isFirst ?? null}
        aria-invalid={wrong !== undefined}
        aria-describedby={says === undefined ? undefined : `${id}-says`}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      {wrong !== undefined && <WrongHint id={`${id}-says`}>{wrong}</WrongHint>}
      {wrong === undefined && hint !== undefined && (
        <span class="hint" id={`${id}-says`}>
          {hint}
        </span>
      )}
    </div>
  );
}

function mistakes({ repo, issue, command, folder }: Texts): Partial<Texts> {
  const isText = (text: string) => text.length <= 1000 && !/[\u0000-\u001f\u007f]/.test(text);
  return {
    ...(isRepo(repo.trim()) ? {} : { repo: i18n.t('newAgent.badRepo') }),
    ...(issueNumber(issue) === undefined ? { issue: i18n.t('newAgent.badIssue') } : {}),
    ...(isText(command) ? {} : { command: i18n.t('newAgent.badText') }),
    ...(isText(folder) ? {} : { folder: i18n.t('newAgent.badText') }),
  };
}

function requestOf({ repo, issue, command, folder }: Texts): AgentRequest {
  const [line, directory] = [command.trim(), folder.trim()];
  return {
    repo: repo.trim(),
    issue: issueNumber(issue) ?? 0, // it was checked
    ...(line === '' ? {} : { command: line }),
    ...(directory === '' ? {} : { directory }),
  };
}

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import { settingsFile } from './settings.ts';
import type { CliContext } from './context.ts';

/** Coding agents whose hooks are known; `generic` is a shell function for all others. */
export const HOOKED_AGENTS = ['claude', 'codex', 'gemini', 'aider', 'generic'] as const;
export type HookedAgent = (typeof HOOKED_AGENTS)[number];

/** A configuration file of an agent. */
export interface HookFile {
  readonly path: string;
  /** What is to be in it, for people who do it by hand. */
  readonly snippet: string;
  /** The file with the hooks in it and everything else as it was. @throws HubtabError (conflict) where both cannot be */
  merge(content: string): string;
}

/**
 * Hooks that call `hubtab agent state`. They say nothing and never fail, so that an agent outside of tmux or a removed
 * hubtab is no worse off.
 *
 * @param hubtab absolute path of the launcher
 */
export function hookFile(agent: HookedAgent, hubtab: string, env: CliContext['env']): HookFile {
  const home = env['HOME'] ?? homedir();
  const configured = (name: string, fallback: string) => {
    const value = env[name];
    return value !== undefined && isAbsolute(value) ? value : join(home, fallback);
  };
  switch (agent) {
    case 'claude': {
      const path = join(configured('CLAUDE_CONFIG_DIR', '.claude'), 'settings.json');
      return jsonHooks(path, hubtab, {
        UserPromptSubmit: 'working',
        // After a permission was given, it goes on.
        PostToolUse: 'working',
        Notification: 'waiting',
        Stop: 'done',
      });
    }
    case 'gemini':
      return jsonHooks(join(home, '.gemini', 'settings.json'), hubtab, {
        BeforeAgent: 'working',
        AfterTool: 'working',
        Notification: 'waiting',
        AfterAgent: 'done',
      });
    case 'codex':
      return codexHooks(join(configured('CODEX_HOME', '.codex'), 'config.toml'), hubtab);
    case 'aider':
      return aiderHooks(join(home, '.aider.conf.yml'), hubtab);
    case 'generic':
      return genericHooks(join(settingsFile(env), '..', 'agent-hooks.sh'), hubtab);
  }
}

const HookEntry = z.looseObject({
  hooks: z.array(z.looseObject({ command: z.string().optional() })),
});
const HookSettings = z.looseObject({ hooks: z.record(z.string(), z.array(HookEntry)).optional() });

/** Claude Code and Gemini CLI: JSON, with a list of commands for each event. */
function jsonHooks(path: string, hubtab: string, states: Record<string, string>): HookFile {
  const ours = Object.entries(states).map(([event, state]) => {
    const command = `${shellWord(hubtab)} agent state ${state} --hook`;
    const entry: z.infer<typeof HookEntry> = { matcher: '', hooks: [{ type: 'command', command }] };
    return [event, entry] as const;
  });
  const snippet = { hooks: Object.fromEntries(ours.map(([event, entry]) => [event, [entry]])) };
  return {
    path,
    snippet: JSON.stringify(snippet, null, 2),
    merge(content) {
      const settings = parseSettings(path, content);
      const hooks = { ...settings.hooks };
      for (const [event, entry] of ours) {
        // Ours of an earlier time, perhaps with another path, is replaced.
        const others = (hooks[event] ?? []).filter((each) => !isOurs(each));
        hooks[event] = [...others, entry];
      }
      return `${JSON.stringify({ ...settings, hooks }, null, 2)}\n`;
    },
  };
}

function parseSettings(path: string, content: string): z.infer<typeof HookSettings> {
  try {
    return HookSettings.parse(content.trim() === '' ? {} : JSON.parse(content));
  } catch (error) {
    throw unclear(path, 'is not JSON with hooks as they should be', error);
  }
}

function isOurs(entry: z.infer<typeof HookEntry>): boolean {
  return entry.hooks.some(({ command }) => / agent state \w+ --hook$/.test(command ?? ''));
}

/** Codex calls one program at the end of a turn, with a JSON argument. Its questions ring the bell, which tmux shows. */
function codexHooks(path: string, hubtab: string): HookFile {
  const notify = `notify = [${[hubtab, 'agent', 'state', 'done', '--hook'].map((word) => JSON.stringify(word)).join(', ')}]`;
  const bell = `[tui]\nnotifications = ["approval-requested"]\nnotification_method = "bel"`;
  return {
    path,
    snippet: `${notify}\n\n${bell}`,
    merge(content) {
      const firstTable = content.search(/^\s*\[/m);
      const top = firstTable === -1 ? content : content.slice(0, firstTable);
      const rest = content.slice(top.length);
      const present = /^[ \t]*notify[ \t]*=.*$/m.exec(top)?.[0];
      if (present !== undefined && !present.includes('"agent", "state"')) {
        throw conflict(path, present.trim(), notify);
      }
      const withNotify =
        present === undefined ? `${notify}\n${top}` : top.replace(present, () => notify);
      const hasTable = /^\s*\[tui\]/m.test(rest);
      const end = rest === '' || rest.endsWith('\n') ? '' : '\n';
      return `${withNotify}${rest}${hasTable ? '' : `${end}\n${bell}\n`}`;
    },
  };
}

/** Aider runs one command whenever it has an answer or a question. */
function aiderHooks(path: string, hubtab: string): HookFile {
  const command = `${shellWord(hubtab)} agent notify 'aider waits for you' --hook`;
  const lines = { notifications: 'true', 'notifications-command': JSON.stringify(command) };
  const snippet = Object.entries(lines).map(([key, value]) => `${key}: ${value}`);
  return {
    path,
    snippet: snippet.join('\n'),
    merge(content) {
      const missing = Object.entries(lines).flatMap(([key, value]) => {
        const present = new RegExp(`^${key}:[ \\t]*(.*)$`, 'm').exec(content)?.[1]?.trim();
        if (present === undefined) return [`${key}: ${value}`];
        if (present !== value) throw conflict(path, `${key}: ${present}`, `${key}: ${value}`);
        return [];
      });
      const end = content === '' || content.endsWith('\n') ? '' : '\n';
      return missing.length === 0 ? content : `${content}${end}${missing.join('\n')}\n`;
    },
  };
}

/** For agents without hooks and for scripts. */
function genericHooks(path: string, hubtab: string): HookFile {
  const call = `${shellWord(hubtab)} agent`;
  const snippet = `# hubtab_run COMMAND...: runs a program and tells Hubtab when it works, is done, or has failed.
# In a script, \`hubtab agent notify "question"\` says that it waits for a person.
hubtab_run() {
  ${call} state working --hook </dev/null
  if "$@"; then
    ${call} state done --hook </dev/null
  else
    set -- "$?"
    ${call} state failed --hook </dev/null
    return "$1"
  fi
}`;
  return { path, snippet, merge: () => `${snippet}\n` };
}

function conflict(path: string, present: string, wanted: string): HubtabError {
  return new HubtabError(
    EXIT.conflict,
    `${path} says already: ${JSON.stringify(present)}. It is left as it is; to have both, let your own command also run what this would have been: ${wanted}`,
  );
}

function unclear(path: string, how: string, cause: unknown): HubtabError {
  return new HubtabError(EXIT.conflict, `${path} ${how}, so it is left as it is.`, { cause });
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

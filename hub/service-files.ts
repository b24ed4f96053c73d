import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';

/** What a service manager has to know to run `hubtab hub run`. */
export interface ServiceFacts {
  /** Absolute path of the launcher, which brings the hub's environment with it. */
  readonly launcher: string;
  readonly user: string;
  readonly uid: number;
  /** Where launchd sends what the program says. */
  readonly logFile: string;
}

/** Name of the systemd user unit. */
export const USER_UNIT = 'hubtab.service';
/** Label of the launchd agent. */
export const LAUNCHD_LABEL = 'app.hubtab.hub';

/** Name of the system unit: several users of a machine may each have a hub. */
export function systemUnitName(user: string): string {
  return `hubtab-${user}.service`;
}

/**
 * A systemd unit. Stopping it ends `hub run`, which takes tailscaled down, and nothing else (KillMode=process): a tmux
 * server that could get no scope of its own would else die with every agent. There is no sandboxing, because tmux and
 * the agents inherit it.
 */
export function systemdUnit(facts: ServiceFacts, kind: 'user' | 'system'): string {
  const isSystem = kind === 'system';
  const system = `User=${facts.user}
Environment=XDG_RUNTIME_DIR=/run/user/${facts.uid}
`;
  return `# Made by \`hubtab hub service install\`; \`hubtab hub service remove\` takes it away.
[Unit]
Description=Hubtab hub${isSystem ? ` of ${facts.user}` : ''}
${isSystem ? 'Wants=network-online.target\nAfter=network-online.target\n' : ''}
[Service]
${isSystem ? system : ''}ExecStart=/bin/sh ${systemdWord(facts.launcher)} hub run
Restart=on-failure
RestartSec=5
# The hub was removed: only joining again helps.
RestartPreventExitStatus=3
KillMode=process
TimeoutStopSec=30

[Install]
WantedBy=${isSystem ? 'multi-user.target' : 'default.target'}
`;
}

/** A launchd agent, which macOS starts when the user logs in. */
export function launchdPlist({ launcher, logFile }: ServiceFacts): string {
  const words = [launcher, 'hub', 'run'];
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
  <dict>
    <key>Label</key>
    <string>${LAUNCHD_LABEL}</string>
    <key>ProgramArguments</key>
    <array>
${words.map((word) => `      <string>${xmlText(word)}</string>`).join('\n')}
    </array>
    <key>RunAtLoad</key>
    <true/>
    <key>KeepAlive</key>
    <dict>
      <key>SuccessfulExit</key>
      <false/>
    </dict>
    <key>AbandonProcessGroup</key>
    <true/>
    <key>ProcessType</key>
    <string>Interactive</string>
    <key>StandardErrorPath</key>
    <string>${xmlText(logFile)}</string>
  </dict>
</plist>
`;
}

/** One word of ExecStart, not the first, which may hold neither spaces nor quotes: systemd expands `%` and `$` also in quotes (systemd.service(5), "Command lines"). */
function systemdWord(text: string): string {
  const escaped = requirePlain(text)
    .replace(/[\\"]/g, String.raw`\$&`)
    .replace(/%/g, '%%')
    .replace(/\$/g, '$$$$');
  return `"${escaped}"`;
}

function xmlText(text: string): string {
  return requirePlain(text).replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** @throws HubtabError if no service file can hold the path */
function requirePlain(text: string): string {
  if (!/\p{Cc}/u.test(text)) return text;
  throw new HubtabError(
    EXIT.failed,
    `${JSON.stringify(text)} has a control character in it, so no service can name it. Move the home, or set XDG_STATE_HOME.`,
  );
}

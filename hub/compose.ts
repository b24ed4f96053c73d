import { stringify } from 'yaml';

/** What of the container a person chooses. */
export interface ComposeOptions {
  /** Origin of the control server. */
  readonly serverUrl: string;
  /** How the hub is called. */
  readonly name: string;
  /** File with the join token, beside the compose file; used once. */
  readonly tokenFile: string;
}

const HOME = '/home/node';

/**
 * One image with tailscaled, tmux and the agents under one user without rights: SSH into a sidecar would reach no tmux.
 * Programs of agents are for whoever uses it to add.
 */
function dockerfile(): string {
  return `FROM node:24-trixie-slim
RUN apt-get update \\
  && apt-get install -y --no-install-recommends ca-certificates curl git less openssh-client tmux \\
  && rm -rf /var/lib/apt/lists/*
# Coding agents go here, for example: RUN npm install --global PACKAGE
USER node
WORKDIR ${HOME}
# Made here, so that a new volume belongs to the user.
RUN mkdir -p ${HOME}/.local/state ${HOME}/.local/share
ENV LANG=C.UTF-8
`;
}

/** Joins once, by the server's own script, and then stays; the home is a volume, so a new container goes on as the same hub. */
function startScript({ serverUrl, name }: ComposeOptions): string {
  const state = `${HOME}/.local/state/hubtab`;
  return `set -e
if [ ! -e ${state}/hub.json ]; then
  curl -fsSL ${serverUrl}/install.sh > /tmp/install.sh
  sh /tmp/install.sh --token-file /run/secrets/join-token --name ${shellWord(name)}
fi
exec ${state}/bin/hubtab hub run
`;
}

/** A compose file with its Dockerfile in it. Compose replaces \`$\`, so that is doubled in what it passes on. */
export function composeFile(options: ComposeOptions): string {
  const passedOn = (text: string) => text.replaceAll('$', '$$$$');
  const file = {
    services: {
      hub: {
        build: { dockerfile_inline: passedOn(dockerfile()) },
        command: ['sh', '-c', passedOn(startScript(options))],
        hostname: 'hub',
        // tmux and tailscaled leave children behind that somebody has to reap.
        init: true,
        restart: 'unless-stopped',
        stop_grace_period: '30s',
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        secrets: ['join-token'],
        volumes: [`home:${HOME}`],
      },
    },
    secrets: { 'join-token': { file: passedOn(options.tokenFile) } },
    volumes: { home: {} },
  };
  return `# A hub in a container: put a join token into ${JSON.stringify(options.tokenFile)}, then \`docker compose up -d --build\`.
# No port is opened, and nothing of the host is in it. With an http server on the host add network_mode: host.
${stringify(file, { lineWidth: 0 })}`;
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

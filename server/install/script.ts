/**
 * The script of `curl -fsSL https://SERVER/install.sh | sh -s -- TOKEN`. All of it stands in a function that the last
 * line calls from within braces, so that no part of a download that was cut off runs anything.
 *
 * @param server base URL of this server, without a slash at the end
 * @param sha256 of the hub program
 */
export function installScript(server: string, sha256: string): string {
  return `#!/bin/sh
# Makes this machine a hub of ${server}
#   curl -fsSL ${server}/install.sh | sh -s -- TOKEN [--name NAME] [--user NAME]
# It needs curl, tmux and Node 22 or newer, says how to get what is missing, and installs nothing outside the home
# of the user who is to work here.

hubtab_install() {
  server=${shellWord(server)}
  sha256=${sha256}
  token=
  case "\${1-}" in
    '' | -*) ;;
    *) token=$1; shift ;;
  esac

  missing=
  command -v curl >/dev/null 2>&1 || need 'curl' 'curl'
  command -v tmux >/dev/null 2>&1 || need 'tmux 3.2 or newer' 'tmux'
  if ! node -e "$is_new_enough" >/dev/null 2>&1; then
    need 'Node 22 or newer' 'nodejs'
    echo '      (where the package is older than 22: https://nodejs.org/en/download)' >&2
  fi
  if [ -n "$missing" ]; then
    echo 'hubtab: install what is missing, then paste the line again. Nothing was changed.' >&2
    return 6
  fi

  directory=$(mktemp -d "\${TMPDIR:-/tmp}/hubtab-install.XXXXXX") || return 1
  trap 'rm -rf "$directory"' EXIT
  trap 'exit 1' HUP INT TERM
  # Root runs it as another user. There is nothing secret in it.
  chmod 755 "$directory"
  if ! curl -fsSL --retry 3 -o "$directory/hubtab.mjs" "$server/install/hubtab.mjs"; then
    echo "hubtab: could not download $server/install/hubtab.mjs; paste the line again." >&2
    return 4
  fi
  if ! node -e "$has_checksum" "$directory/hubtab.mjs" "$sha256"; then
    echo 'hubtab: the download is not what the server announced; paste the line again.' >&2
    return 4
  fi
  chmod 644 "$directory/hubtab.mjs"

  if [ -n "$token" ]; then
    # printf is the shell's own: the token is in no other program's arguments.
    printf '%s' "$token" | node "$directory/hubtab.mjs" hub join "$server" --token-file - "$@"
  else
    node "$directory/hubtab.mjs" hub join "$server" "$@" </dev/null
  fi
}

is_new_enough='process.exit(Number(process.versions.node.split(".")[0]) >= 22 ? 0 : 1)'
has_checksum='
  const [file, wanted] = process.argv.slice(-2);
  const content = require("node:fs").readFileSync(file);
  const found = require("node:crypto").createHash("sha256").update(content).digest("hex");
  process.exit(found === wanted ? 0 : 1);
'

need() {
  missing=yes
  how="see your system's packages for $2"
  for manager in 'apt-get:sudo apt-get install -y' 'dnf:sudo dnf install -y' 'apk:sudo apk add' \\
    'pacman:sudo pacman -S' 'zypper:sudo zypper install' 'brew:brew install'; do
    if command -v "\${manager%%:*}" >/dev/null 2>&1; then
      how="\${manager#*:} $2"
      break
    fi
  done
  echo "hubtab: $1 is missing: $how" >&2
}

{ hubtab_install "$@"; exit; }
`;
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

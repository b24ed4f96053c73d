import type { TmuxLocation } from '../protocol/hubs.ts';
import type { HubJob } from '../protocol/terminal-port.ts';
import { remoteCommand } from './remote-command.ts';
import { fitCommand, sizeCommand } from './session-size.ts';
import { paneTarget } from './tmux.ts';

/** Largest file that is sent to a hub or fetched from it, bytes: a download stands in memory until it is saved. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** How `download` ends without a file. */
export const DOWNLOAD_ENDS = { notThere: 3, notReadable: 4, tooLarge: 5 } as const;

/** Asked of the active pane: machine-made fields, then the program, which may have any name. */
const PANE_FORMAT = [
  '#{version}',
  '#{alternate_on}',
  '#{history_size}',
  '#{history_limit}',
  // From 3.7 on; before, it is empty.
  'paste=#{bracket_paste_flag}',
  '#{pane_current_command}',
].join(' ');

/** What is known of the active pane of a session. */
export interface Pane {
  /** tmux's own version, `3.3a`. */
  tmuxVersion: string;
  /** Whether a full-screen program has the screen. */
  isAlternate: boolean;
  /** Lines that scrolled off the screen and are kept, and how many are kept at most. */
  historyLines: number;
  historyLimit: number;
  /** Whether the program takes pasted text as one piece; undefined where tmux does not say. */
  takesPasteWhole: boolean | undefined;
  program: string;
}

/**
 * The command line of a job.
 * @throws RangeError when a name is refused
 */
export function jobCommand(job: HubJob, tmux: TmuxLocation): string {
  const tmuxArgv: [string, ...string[]] = [tmux.path, '-S', tmux.socket, '-u'];
  switch (job.kind) {
    case 'pane': {
      const target = paneTarget(job.session);
      return remoteCommand([...tmuxArgv, 'display-message', '-p', '-t', target, PANE_FORMAT]);
    }
    case 'size':
      return sizeCommand(tmux, job.session);
    case 'fit':
      return fitCommand(tmux, job.session, job);
    case 'history': {
      // -e colours, -J wrapped lines in one; -F the flags that `lib/marked-lines.ts` reads. The screen is the end of it.
      const how = job.hasMarks ? ['-F', '-N'] : ['-J'];
      const from = ['-S', `-${job.lines}`, '-t', paneTarget(job.session)];
      return remoteCommand([...tmuxArgv, 'capture-pane', '-p', '-e', ...how, ...from]);
    }
    case 'upload':
      return remoteCommand(['/bin/sh', '-c', UPLOAD, 'sh', safeFileName(job.name), `${job.bytes}`]);
    case 'download': {
      const limits = [job.path, `${job.maxBytes}`];
      const pane = [tmux.path, tmux.socket, paneTarget(job.session)];
      return remoteCommand(['/bin/sh', '-c', DOWNLOAD, 'sh', ...limits, ...pane]);
    }
  }
}

/** Reads what the `pane` job wrote. @throws RangeError when it is not of that form */
export function parsePane(output: string): Pane {
  const form = /^(\S{1,40}) ([01]) (\d{1,12}) (\d{1,12}) paste=([01]?) (.*)\n$/s;
  const [, version = '', alternate, size, limit, paste, program] = form.exec(output) ?? [];
  if (program === undefined) throw new RangeError('tmux: the pane’s fields are not as asked');
  return {
    tmuxVersion: version,
    isAlternate: alternate === '1',
    historyLines: Number(size),
    historyLimit: Number(limit),
    takesPasteWhole: paste === '' ? undefined : paste === '1',
    program,
  };
}

/** A file name that means nothing to a shell, a terminal or a path: letters, digits, `.`, `_` and `-`. */
export function safeFileName(name: string): string {
  const base = name.slice(name.lastIndexOf('/') + 1);
  const dot = base.lastIndexOf('.');
  const plain = (text: string) => text.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '');
  const [stem, extension] = dot > 0 ? [base.slice(0, dot), base.slice(dot + 1)] : [base, ''];
  const end = plain(extension).slice(0, 16);
  return `${plain(stem).slice(0, 64) || 'file'}${end === '' ? '' : `.${end}`}`;
}

/**
 * Takes `$2` bytes from its input into a file of the user's own cache, and prints its path. The file gets its name when
 * it is whole; what was cancelled is removed. Files of the last week stay, since an agent may read them late.
 */
const UPLOAD = `
umask 077
folder=\${XDG_CACHE_HOME:-$HOME/.cache}/hubtab/files
mkdir -p "$folder" && chmod 700 "$folder" || exit 1
find "$folder" -type f '(' -mtime +7 -o -name '*.part' -mmin +60 ')' -exec rm -f '{}' + 2>/dev/null
file=$folder/$(date +%Y%m%d-%H%M%S)-$$-$1
part=$file.part
trap 'rm -f "$part"' EXIT
trap 'exit 1' HUP INT TERM PIPE
cat > "$part" || exit 1
[ "$(wc -c < "$part")" -eq "$2" ] || exit 1
mv "$part" "$file" && printf '%s' "$file"
`;

/** Writes a file, a path from the session's folder, with its size in a line before it. */
const DOWNLOAD = `
case $1 in
'~/'*) file=$HOME/\${1#??} ;;
/*) file=$1 ;;
*) file=$("$3" -S "$4" -u display-message -p -t "$5" '#{pane_current_path}')/$1 ;;
esac
[ -f "$file" ] || exit 3
[ -r "$file" ] || exit 4
size=$(wc -c < "$file")
[ "$size" -le "$2" ] || exit 5
echo $size
exec cat "$file"
`;

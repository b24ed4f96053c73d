/** Something on the screen that leads somewhere. `start` and `end` are positions in the text, in UTF-16 units. */
export type FoundLink = { start: number; end: number } & LinkTarget;

export type LinkTarget =
  | { kind: 'url'; url: string }
  /** A file on the hub, as it stands there: absolute, from `~/`, or from the pane's folder. */
  | { kind: 'file'; path: string; line?: number }
  | { kind: 'issue'; issue: string };

/** Longest text that is looked through for links, UTF-16 units: a wrapped line of a terminal, not a file. */
const MAX_TEXT = 8192;

const URL_TEXT = /\bhttps?:\/\/[^\s<>"'`\u0000-\u001f\u007f-\u00a0\u2028\u2029|]+/gi;
/** What may be a path, and a line: `src/a.ts:12:3`, `./a.py:4`, `~/.x/notes.md`. */
const FILE_TEXT =
  /(?<![\w/.~@:+-])(?:~?\/)?[\w@+.][\w@+.-]*(?:\/[\w@+.-]+)*(?::(\d{1,6})(?::\d{1,6})?)?(?![\w/])/g;
const EXTENSION = /[^/]\.[A-Za-z][A-Za-z0-9]{0,7}$/;
const ISSUE_TEXT = /(?<![\w/&#])#(\d{1,9})(?![\w-])/g;

/** Finds links in a line of text. None overlaps another. */
export function findLinks(text: string): FoundLink[] {
  const line = text.slice(0, MAX_TEXT);
  const found: FoundLink[] = [];
  const isFree = (start: number, end: number) =>
    found.every((link) => end <= link.start || start >= link.end);
  for (const match of line.matchAll(URL_TEXT)) {
    const url = withoutTail(match[0]);
    found.push({ kind: 'url', url, start: match.index, end: match.index + url.length });
  }
  for (const match of line.matchAll(FILE_TEXT)) {
    const [whole, lineNumber] = match;
    const path = (lineNumber === undefined ? whole : whole.slice(0, whole.indexOf(':'))).replace(
      /\.+$/,
      '',
    );
    const start = match.index;
    const end = start + (lineNumber === undefined ? path.length : whole.length);
    // "example.com" and "e.g" are words; a path has a slash, or says its line.
    if ((!path.includes('/') && lineNumber === undefined) || !EXTENSION.test(path)) continue;
    if (!isFree(start, end)) continue;
    const at = lineNumber === undefined ? {} : { line: Number(lineNumber) };
    found.push({ kind: 'file', path, start, end, ...at });
  }
  for (const match of line.matchAll(ISSUE_TEXT)) {
    const [start, end] = [match.index, match.index + match[0].length];
    if (isFree(start, end)) found.push({ kind: 'issue', issue: match[1] ?? '', start, end });
  }
  return found.sort((a, b) => a.start - b.start);
}

/** A URL in prose without the full stop, comma or bracket after it; brackets that it opened itself stay. */
function withoutTail(url: string): string {
  let end = url.length;
  for (; end > 0; end -= 1) {
    const last = url[end - 1] ?? '';
    if (/[.,;:!?]/.test(last)) continue;
    const opening = { ')': '(', ']': '[', '}': '{' }[last];
    if (opening === undefined) break;
    const inside = url.slice(0, end);
    if (inside.split(opening).length >= inside.split(last).length) break;
  }
  return url.slice(0, end);
}

/** Why an address is not opened. */
export type LinkRefusal =
  /** Not http or https: `javascript:`, `file:`, `data:` … */
  | 'not-web'
  /** Hides a name before an @: `https://github.com@evil.example`. */
  | 'hides-host'
  /** A host with letters that look like others. */
  | 'look-alike'
  /** The text on the screen is an address, and another one. */
  | 'says-another'
  /** This computer from the browser's side, the hub from the program's. */
  | 'hub-itself';

export type LinkCheck =
  | { ok: true; url: string; host: string }
  | { ok: false; why: LinkRefusal; shown: string };

/**
 * Decides whether an address that came from a hub may be opened.
 * @param shown the text on the screen that stands for it; unset if it is the address itself
 */
export function checkLink(address: string, shown = ''): LinkCheck {
  const refuse = (why: LinkRefusal, text = address) => ({ ok: false as const, why, shown: text });
  if (!URL.canParse(address)) return refuse('not-web');
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refuse('not-web');
  if (url.username !== '' || url.password !== '') return refuse('hides-host', url.href);
  // Punycode stands for letters beyond ASCII, among them those that look like Latin ones.
  if (/(?:^|\.)xn--/.test(url.hostname)) return refuse('look-alike', url.href);
  if (isLoopback(url.hostname)) return refuse('hub-itself', url.href);
  const said = findLinks(shown).find((link) => link.kind === 'url');
  const saidHost = said && URL.canParse(said.url) ? new URL(said.url).host : bareHost(shown);
  if (saidHost !== undefined && saidHost !== url.host) return refuse('says-another', url.href);
  return { ok: true, url: url.href, host: url.host };
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\])$/.test(hostname);
}

/** `github.com/acme` without a scheme names a host too. */
function bareHost(text: string): string | undefined {
  const [, host] = /^\s*((?:[a-z0-9-]+\.)+[a-z]{2,24})(?:[/:?#].*)?\s*$/i.exec(text) ?? [];
  return host?.toLowerCase();
}

/** The page of an issue. A repository is `owner/name`, as `hubtab agent start` keeps it: on GitHub. */
export function issueUrl(repo: string, issue: string): string | undefined {
  const part = '[A-Za-z0-9_][A-Za-z0-9._-]{0,99}';
  if (!new RegExp(`^${part}/${part}$`).test(repo) || !/^\d{1,9}$/.test(issue)) return undefined;
  return `https://github.com/${repo}/issues/${issue}`;
}

import { isRepo, issueNumber } from './agent-commands.ts';

/** One issue on a forge. */
export interface Issue {
  owner: string;
  repository: string;
  number: number;
}

/** `/owner/name/issues/12` as GitHub has it, `/owner/name/-/issues/12` or `/-/work_items/12` as GitLab does. */
const PATHS = /^\/([^/]+)\/([^/]+)\/(?:-\/)?(?:issues|work_items)\/(\d+)\/?$/;

/** The issue that an address shows; undefined for every other page. Groups within groups are no `owner/name`. */
export function issueOf(address: string): Issue | undefined {
  const url = URL.parse(address);
  const [, owner = '', repository = '', digits = ''] = PATHS.exec(url?.pathname ?? '') ?? [];
  return issueFrom({ owner, repository, number: Number(digits) });
}

/** The issue that a message names, and nothing else of it: a page may have made the message. */
export function issueFrom(message: unknown): Issue | undefined {
  const { owner, repository, number } = (message ?? {}) as Record<string, unknown>;
  if (typeof owner !== 'string' || typeof repository !== 'string' || typeof number !== 'number')
    return undefined;
  const isIssue = isRepo(`${owner}/${repository}`) && issueNumber(String(number)) === number;
  return isIssue ? { owner, repository, number } : undefined;
}

export function isSameIssue(a: Issue, b: Issue): boolean {
  const repo = ({ owner, repository }: Issue) => `${owner}/${repository}`.toLowerCase();
  return repo(a) === repo(b) && a.number === b.number;
}

/** What content scripts send; the background takes nothing else from them. */
export interface IssueMessage {
  issue: Issue;
}

/** Address of our page that asks before it starts an agent: `agent.html#owner/name/12`. */
export function newAgentAddress({ owner, repository, number }: Issue): `/agent.html#${string}` {
  return `/agent.html#${owner}/${repository}/${number}`;
}

/** Reads the fragment of such an address; any page may have made it. */
export function parseNewAgentAddress(hash: string): Issue | undefined {
  const [owner, repository, digits = '', ...more] = hash.replace(/^#/, '').split('/');
  if (more.length > 0) return undefined;
  return issueFrom({ owner, repository, number: issueNumber(digits) });
}

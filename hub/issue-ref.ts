import { createHash } from 'node:crypto';
import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';

/** What an agent works on. */
export interface IssueRef {
  /** `owner/name`. */
  readonly repo: string;
  readonly issue: number;
}

/** @throws HubtabError (usage) for anything that is not a plain repository and issue number. */
export function parseIssueRef(repo: string | undefined, issue: string | undefined): IssueRef {
  // No leading `-` or `.`: both parts become parts of paths and arguments.
  const part = '[A-Za-z0-9_][A-Za-z0-9._-]{0,99}';
  if (repo === undefined || !new RegExp(`^${part}/${part}$`).test(repo)) {
    throw new HubtabError(
      EXIT.usage,
      `--repo must be OWNER/NAME with letters, digits, ".", "-" and "_", not ${JSON.stringify(repo ?? '')}.`,
    );
  }
  if (issue === undefined || !/^[1-9][0-9]{0,9}$/.test(issue)) {
    throw new HubtabError(
      EXIT.usage,
      `--issue must be a number such as 12, not ${JSON.stringify(issue ?? '')}.`,
    );
  }
  return { repo, issue: Number(issue) };
}

/** Session name of an agent. Only `[A-Za-z0-9_-]`: tmux forbids `.` and `:` and expands `#` in names. */
export function sessionName({ repo, issue }: IssueRef): string {
  const [owner = '', name = ''] = repo.split('/');
  return `agent-${owner}-${name}-${issue}`.replace(/[^A-Za-z0-9_-]/g, '-');
}

/** The name where {@link sessionName} is taken by another agent: `a-b/c` and `a/b-c` give the same one. */
export function sessionNameWithHash(ref: IssueRef): string {
  const hash = createHash('sha256').update(`${ref.repo.toLowerCase()}#${ref.issue}`).digest('hex');
  return `${sessionName(ref)}-${hash.slice(0, 4)}`;
}

/** Whether both are the same issue; forges do not tell upper from lower case in names. */
export function isSameIssue(a: IssueRef, b: IssueRef): boolean {
  return a.issue === b.issue && a.repo.toLowerCase() === b.repo.toLowerCase();
}

import { i18n } from '#i18n';
import type { FaultCode } from '../protocol/contexts.ts';
import { FAULTS, type FaultAction, type FaultWords } from './fault-table.ts';
import { plainText } from './plain-text.ts';

/** The names a sentence may need. What is not known is said in general: "the hub". */
export interface FaultSubject {
  hub?: string | undefined;
  server?: string | undefined;
  user?: string | undefined;
  session?: string | undefined;
}

/** Where a fault is shown. */
export type FaultPlace = 'page' | 'form' | 'list';

/** What buttons say. `none` has no button. */
export const ACTION_LABELS: Record<FaultAction, string> = {
  retry: i18n.t('action.retry'),
  'set-up': i18n.t('action.setUp'),
  'sign-in': i18n.t('action.signIn'),
  'allow-access': i18n.t('action.allowAccess'),
  'change-address': i18n.t('action.changeAddress'),
  'new-line': i18n.t('action.newLine'),
  'other-sessions': i18n.t('action.otherSessions'),
  'close-tab': i18n.t('action.closeTab'),
  'check-key': 'Check the key in options',
  none: '',
};

/** Every code, for tests and for whoever wants to see all sentences side by side. */
export const FAULT_CODES = Object.keys(FAULTS) as FaultCode[];

/** The words for a fault: cause, then one action. */
export function faultWords(
  code: FaultCode,
  subject: FaultSubject = {},
  place: FaultPlace = 'page',
): FaultWords {
  const entry = FAULTS[code];
  const others: Record<FaultPlace, string | undefined> = {
    page: undefined,
    form: entry.inForm,
    list: entry.inList,
  };
  const sentence = others[place] ?? entry.sentence;
  return {
    title: fill(entry.title, subject),
    sentence: fill(sentence, subject),
    action: entry.action,
  };
}

const UNKNOWN: Record<keyof FaultSubject, string> = {
  hub: 'the hub',
  server: 'the server',
  user: 'of that name',
  session: 'of this name',
};

function fill(template: string, subject: FaultSubject): string {
  const filled = template.replace(
    /\{(hub|server|user|session)\}/g,
    (_, name: keyof FaultSubject) => plainText(subject[name] ?? '', 80) || UNKNOWN[name],
  );
  // Names keep their case, also at the start of a sentence; only our own filler is raised.
  return filled.startsWith('the ') ? `T${filled.slice(1)}` : filled;
}

import { i18n } from '#i18n';
import type { FaultCode } from '../protocol/contexts.ts';
import { FAULTS, type FaultAction, type FaultWords } from './fault-table.ts';
import { messageKey } from './message-key.ts';
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
  'check-key': i18n.t('action.checkKey'),
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
  const { action, inForm, inList } = FAULTS[code];
  const said = {
    page: 'sentence',
    form: inForm ? 'inForm' : 'sentence',
    list: inList ? 'inList' : 'sentence',
  }[place];
  const words = `fault.${messageKey(code)}`;
  return {
    title: fill(template(`${words}.title`), subject),
    sentence: fill(template(`${words}.${said}`), subject),
    action,
  };
}

/** A text with its blanks: `fill` knows better than the catalogue's own filler what stands in one that has no name. */
const template = i18n.t as unknown as (key: string) => string;

function fill(text: string, subject: FaultSubject): string {
  return text.replace(
    /\{(hub|server|user|session)\}/g,
    (_, name: keyof FaultSubject, at: number) => {
      const known = plainText(subject[name] ?? '', 80);
      const filler = i18n.t(`someone.${name}`);
      // Names keep their case, also at the start of a sentence; only our own filler is raised.
      return known || (at === 0 ? filler.charAt(0).toUpperCase() + filler.slice(1) : filler);
    },
  );
}

import { i18n } from '#i18n';
import { helpSection } from '../protocol/help.ts';

interface HelpLinkProps {
  /** Of the fault. */
  code: string;
}

/** Leads to the fault's place in the extension's copy of `docs/troubleshooting.md`: it is needed when no server answers. */
export function HelpLink({ code }: HelpLinkProps) {
  const section = helpSection(code);
  if (section === undefined) return null;
  return (
    <a class="help" href={`/help.html#${section}`} target="_blank" rel="noreferrer">
      {i18n.t('help.whatToDo')}
    </a>
  );
}

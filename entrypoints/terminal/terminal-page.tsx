import { useEffect } from 'preact/hooks';
import { i18n } from '#i18n';
import { FaultCard } from '../../components/fault-card.tsx';
import { faultWords } from '../../components/faults.ts';
import { favicon } from '../../components/terminal-heading.ts';
import type { Fault, Result } from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';
import { doPageAction } from './page-actions.ts';
import { SessionPage } from './session-page.tsx';
import { useTab } from './use-tab.ts';

interface TerminalPageProps {
  address: Result<{ hubId: HubId; session: string }>;
}

/** One tab, one session. The address is hostile input: a refused one opens nothing. */
export function TerminalPage({ address }: TerminalPageProps) {
  return address.ok ? <SessionPage {...address.value} /> : <RefusedPage fault={address.error} />;
}

function RefusedPage({ fault }: { fault: Fault }) {
  useEffect(() => {
    document.documentElement.dataset['terminal'] = 'failed';
  }, []);
  useTab(i18n.t('name'), favicon('offline'));
  return (
    <main class="stage">
      <div class="veil solid">
        <FaultCard
          fault={fault}
          words={faultWords(fault.code)}
          second="close-tab"
          isFlat
          onAction={(action) => {
            if (action !== 'retry' && action !== 'check-key') doPageAction(action);
          }}
        />
      </div>
    </main>
  );
}

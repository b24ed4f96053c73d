import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { Mark } from '../../components/mark.tsx';
import { serverName } from '../../components/popup-view.ts';
import { needsSetup } from '../../components/setup-view.ts';
import { Strip } from '../../components/strip.tsx';
import { useNow } from '../../components/use-now.ts';
import { ask } from '../../lib/ask.ts';
import { useFollowed } from '../../components/use-followed.ts';
import { hostPermission } from '../../lib/host-permission.ts';
import { followState, readState } from '../../lib/extension-state.ts';
import type { ExtensionState } from '../../protocol/contexts.ts';
import { AccountSection } from './account-section.tsx';
import { AppearanceSection } from './appearance-section.tsx';
import { DiagnosticsSection } from './diagnostics-section.tsx';
import { HubsSection } from './hubs-section.tsx';
import { IssuePagesSection } from './issue-pages-section.tsx';
import { KeyboardSection } from './keyboard-section.tsx';
import { NotificationsSection } from './notifications-section.tsx';
import { SettingsFileSection } from './settings-file-section.tsx';
import { Setup } from './setup.tsx';
import { TerminalSection } from './terminal-section.tsx';
import { requestOrigins } from './use-server.ts';

/** The options, or for a first visitor the three steps that lead to a terminal. */
export function OptionsPage() {
  const state = useFollowed(readState, followState);
  // Decided by the first state that says so, and kept: the last step shows what arrived.
  const [mode, setMode] = useState<'setup' | 'options'>();
  useEffect(() => {
    void ask('refresh', {});
  }, []);
  useEffect(() => {
    if (state && mode === undefined) setMode(needsSetup(state) ? 'setup' : 'options');
  }, [state, mode]);
  if (state === undefined || mode === undefined) return null;
  if (mode === 'setup') {
    const leave = (section: string) => {
      history.replaceState(null, '', `#${section}`);
      setMode('options');
    };
    return <Setup state={state} onDone={leave} />;
  }
  return <Options state={state} />;
}

function Options({ state }: { state: ExtensionState }) {
  const nowMs = useNow(5000);
  const isSignedIn = state.account.kind === 'signed-in';
  return (
    <div class="page">
      <nav class="nav" aria-label={i18n.t('options.sections')}>
        <div class="brand">
          <Mark />
          {i18n.t('name')}
        </div>
        <a href="#account">{i18n.t('options.account.title')}</a>
        {isSignedIn && <a href="#hubs">{i18n.t('options.hubs.title')}</a>}
        <a href="#appearance">{i18n.t('options.appearance.title')}</a>
        <a href="#terminal">{i18n.t('options.terminal.title')}</a>
        <a href="#keyboard">{i18n.t('options.keyboard.title')}</a>
        <a href="#notifications">{i18n.t('options.notifications.title')}</a>
        <a href="#issue-pages">{i18n.t('options.issuePages.title')}</a>
        <a href="#settings-file">{i18n.t('options.file.title')}</a>
        <a href="#diagnostics">{i18n.t('options.diagnostics.title')}</a>
      </nav>
      <main class="settings">
        <h1 class="visually-hidden">{i18n.t('options.title')}</h1>
        <PermissionStrip state={state} />
        <AccountSection state={state} nowMs={nowMs} />
        <HubsSection
          state={state}
          nowMs={nowMs}
          startsAdding={location.hash === '#add-hub'}
          comparesKeyOf={/^#host-key\/(.+)$/.exec(location.hash)?.[1]}
        />
        <AppearanceSection />
        <TerminalSection />
        <KeyboardSection />
        <NotificationsSection />
        <IssuePagesSection />
        <SettingsFileSection />
        <DiagnosticsSection />
      </main>
    </div>
  );
}

/** The browser's permission can be taken back at any time, outside of Hubtab. */
function PermissionStrip({ state }: { state: ExtensionState }) {
  const { account, serverFault } = state;
  if (serverFault?.code !== 'permission-missing' || account.kind === 'not-configured') return null;
  const allow = async () => {
    if (await requestOrigins([hostPermission(account.serverUrl)])) await ask('refresh', {});
  };
  return (
    <Strip
      icon="triangle-alert"
      tone="failed"
      fault="permission-missing"
      action={{ label: i18n.t('action.allowAccess'), onClick: () => void allow() }}
    >
      {i18n.t('popup.accessRemoved', { server: serverName(account.serverUrl) })}
    </Strip>
  );
}

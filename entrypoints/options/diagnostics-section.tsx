import { i18n } from '#i18n';
import { useState } from 'preact/hooks';
import { Icon } from '../../components/icon.tsx';
import { ask } from '../../lib/ask.ts';

/** Copies a report that a person can paste into a bug tracker. */
export function DiagnosticsSection() {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    const report = await ask('diagnostics', {});
    await navigator.clipboard.writeText(report.ok ? report.value : report.error.detail);
    setCopied(true);
  };
  return (
    <section id="diagnostics">
      <h2>{i18n.t('options.diagnostics.title')}</h2>
      <div class="set">
        <span>{i18n.t('options.diagnostics.label')}</span>
        <span class="hint">{i18n.t('options.diagnostics.hint')}</span>
        <span class="row">
          <span role="status">{isCopied && i18n.t('copy.copied')}</span>
          <button type="button" class="button small" onClick={() => void copy()}>
            <Icon name="copy" isSmall />
            {i18n.t('copy.idle')}
          </button>
        </span>
      </div>
    </section>
  );
}

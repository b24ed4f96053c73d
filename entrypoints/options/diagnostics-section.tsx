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
      <h2>Diagnostics</h2>
      <div class="set">
        <span>Copy diagnostics</span>
        <span class="hint">Versions, states and times. No names, keys or terminal content.</span>
        <span class="row">
          <span role="status">{isCopied && 'Copied'}</span>
          <button type="button" class="button small" onClick={() => void copy()}>
            <Icon name="copy" isSmall />
            Copy
          </button>
        </span>
      </div>
    </section>
  );
}

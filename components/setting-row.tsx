import type { ComponentChildren } from 'preact';
import { i18n } from '#i18n';
import { StateIcon } from './state-icon.tsx';
import { WrongHint } from './wrong-hint.tsx';

interface SettingRowProps {
  label: string;
  hint?: string;
  /** What is wrong with the setting as it stands. */
  wrong?: string | undefined;
  stored: 'no' | 'stored' | 'refused';
  /** The control. */
  children: ComponentChildren;
}

/** One setting. A choice is stored at once, and the row says so. */
export function SettingRow({ label, hint, wrong, stored, children }: SettingRowProps) {
  return (
    <div class="set">
      <span>{label}</span>
      {wrong !== undefined && <WrongHint>{wrong}</WrongHint>}
      {wrong === undefined && hint !== undefined && <span class="hint">{hint}</span>}
      <span class="row">
        <span class={stored === 'refused' ? 'hint' : 'saved'} role="status">
          {stored === 'stored' && (
            <>
              <StateIcon state="done" label="" />
              {i18n.t('options.saved')}
            </>
          )}
          {stored === 'refused' && i18n.t('options.notSaved')}
        </span>
        {children}
      </span>
    </div>
  );
}

interface SwitchProps {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}

/** On or off. */
export function Switch({ label, isOn, onChange }: SwitchProps) {
  return (
    <input
      type="checkbox"
      class="switch"
      role="switch"
      aria-label={label}
      checked={isOn}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

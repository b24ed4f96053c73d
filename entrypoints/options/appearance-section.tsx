import { useEffect, useState } from 'preact/hooks';
import { Choice } from '../../components/choice.tsx';
import { StateIcon } from '../../components/state-icon.tsx';
import { readTheme, storeTheme, type ThemeChoice } from '../../lib/theme.ts';

const THEMES: { value: ThemeChoice; label: string }[] = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

/** How the pages look. A choice is stored at once, and the row says so. */
export function AppearanceSection() {
  const [theme, setTheme] = useState<ThemeChoice>('system');
  const [isSaved, setSaved] = useState(false);
  useEffect(() => {
    void readTheme().then(setTheme);
  }, []);
  const choose = (choice: ThemeChoice) => {
    setTheme(choice);
    void storeTheme(choice).then(() => setSaved(true));
  };
  return (
    <section id="appearance">
      <h2>Appearance</h2>
      <div class="set">
        <span>Theme of the pages</span>
        <span class="hint">Terminals follow it.</span>
        <span class="row">
          <span class="saved" role="status">
            {isSaved && (
              <>
                <StateIcon state="done" label="" />
                Saved
              </>
            )}
          </span>
          <Choice
            name="theme"
            label="Theme of the pages"
            value={theme}
            options={THEMES}
            onChange={choose}
          />
        </span>
      </div>
    </section>
  );
}

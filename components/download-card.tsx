import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { useFocus } from './use-focus.ts';

interface DownloadCardProps {
  path: string;
  onDownload: (path: string) => void;
  onCopy: (path: string) => void;
  onCancel: () => void;
}

/** Fetches a file from the hub. The path may be mended first: what was clicked is only what stood on the screen. */
export function DownloadCard({ path: first, onDownload, onCopy, onCancel }: DownloadCardProps) {
  const [path, setPath] = useState(first);
  const input = useFocus<HTMLInputElement>();
  const isEmpty = path.trim() === '';
  return (
    <form
      class="card"
      role="dialog"
      aria-labelledby="download-title"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isEmpty) onDownload(path.trim());
      }}
    >
      <h2 id="download-title">{i18n.t('download.title')}</h2>
      <div class="field">
        <label for="download-path">{i18n.t('download.path')}</label>
        <input
          ref={input}
          id="download-path"
          name="path"
          class="input mono"
          autocomplete="off"
          spellcheck={false}
          value={path}
          onInput={(event) => setPath(event.currentTarget.value)}
        />
      </div>
      <div class="actions">
        <button type="submit" class="button main" aria-disabled={isEmpty}>
          {i18n.t('download.start')}
        </button>
        <button type="button" class="button" onClick={() => onCopy(path)}>
          {i18n.t('download.copyPath')}
        </button>
        <button type="button" class="button plain" onClick={onCancel}>
          {i18n.t('button.cancel')}
        </button>
      </div>
    </form>
  );
}

import { useState } from 'preact/hooks';
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
      <h2 id="download-title">Download a file</h2>
      <div class="field">
        <label for="download-path">Path on the hub, from the pane’s folder</label>
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
          Download
        </button>
        <button type="button" class="button" onClick={() => onCopy(path)}>
          Copy path
        </button>
        <button type="button" class="button plain" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

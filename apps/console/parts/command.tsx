// A command to copy.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

export function Command({ text, label = 'Command' }: { text: string; label?: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div class="command">
      <code tabIndex={0} role="region" aria-label={label}>{text}</code>
      {'clipboard' in navigator && <button type="button" onClick={() => void copy().catch(() => {})} aria-label={`Copy: ${label}`}>{copied ? 'Copied' : 'Copy'}</button>}
    </div>
  );
}

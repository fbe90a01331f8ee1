// A line at the top while the server cannot be reached; looks for it until it is back.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { connected } from '../api/client.ts';

/** Seconds between two looks: the first, and the longest. */
const [FIRST, LONGEST] = [1, 10];

export function Connection(): JSX.Element | null {
  const lost = !connected.value;
  const [left, setLeft] = useState(FIRST);
  const [wait, setWait] = useState(FIRST);
  const look = async (): Promise<void> => {
    const answer = await fetch('/healthz', { cache: 'no-store' }).catch(() => null);
    if (answer?.ok === true) connected.value = true;
  };
  const lookAgain = async (): Promise<void> => {
    await look();
    const next = Math.min(LONGEST, wait * 2);
    setWait(next);
    setLeft(next);
  };
  useEffect(() => {
    if (!lost) return undefined;
    const timer = setTimeout(() => void (left > 1 ? setLeft(left - 1) : lookAgain()), 1000);
    return () => clearTimeout(timer);
  }, [lost, left, wait]);
  useEffect(() => {
    if (lost) return;
    setWait(FIRST);
    setLeft(FIRST);
  }, [lost]);
  if (!lost) return null;
  return (
    <div class="note warn connection" role="status">
      <span><strong>The connection to PIVO dropped.</strong> What you see may be old. Next try in {left} s.</span>
      <button type="button" onClick={() => void look()}>Try now</button>
    </div>
  );
}

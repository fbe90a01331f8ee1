// The shell around every page: navigation, connection, theme, and the page that the address asks for.
import type { ComponentType, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Connection } from './parts/connection.tsx';
import { Navigation } from './parts/navigation.tsx';
import { Failure, Skeleton } from './parts/state.tsx';
import { asFailure } from './api/load.ts';
import type { ApiFailure } from './api/client.ts';
import { pageOf } from './pages.ts';
import { address } from './route.ts';
import { access } from './session.ts';
import { Gate } from './parts/gate.tsx';

export function App(): JSX.Element {
  const { pathname } = address.value;
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) {
      scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
    first.current = false;
  }, [pathname]);
  if (access.value === 'refused') return <Gate />;
  return (
    <div class="shell">
      <a class="skip" href="#main">Skip to the content</a>
      <Navigation path={pathname} />
      <main id="main" ref={main} tabIndex={-1}>
        <Connection />
        <Current path={pathname} />
      </main>
    </div>
  );
}

/** Loads the code of a page when it is first asked for. */
function Current({ path }: { path: string }): JSX.Element {
  const { load, pieces, name } = pageOf(path);
  const [page, setPage] = useState<{ name: string; View: ComponentType<{ pieces: string[] }> } | null>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let wanted = true;
    setFailure(null);
    load().then(
      ({ default: View }) => wanted && setPage({ name, View }),
      (error: unknown) => wanted && setFailure(asFailure(error)),
    );
    return () => void (wanted = false);
  }, [name, turn]);
  if (failure !== null) return <Failure of={failure} retry={() => setTurn(turn + 1)} />;
  if (page?.name !== name) return <Skeleton lines={8} />;
  return <page.View key={pieces.join('/')} pieces={pieces} />;
}

// A component whose code is loaded when it is first shown.
import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Skeleton } from './state.tsx';

export function lazyPart<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>, lines = 4): (props: Props) => JSX.Element {
  let loaded: ComponentType<Props> | null = null;
  return function Lazy(props: Props): JSX.Element {
    const [, setTurn] = useState(0);
    useEffect(() => {
      if (loaded !== null) return setTurn(1); // another place loaded it between this one's first look and now
      let wanted = true;
      load().then(
        ({ default: part }) => {
          loaded = part;
          if (wanted) setTurn(1);
        },
        () => {}, // its place stays a skeleton; the next page tries again
      );
      return () => void (wanted = false);
    }, []);
    const Part = loaded;
    return Part === null ? <Skeleton lines={lines} /> : <Part {...props} />;
  };
}

// Forms: a field with its label, and an act that can be under way or fail.
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiFailure } from '../api/client.ts';
import { asFailure } from '../api/load.ts';

export interface Act {
  busy: boolean;
  failure: ApiFailure | null;
  run(act: () => Promise<unknown>): Promise<void>;
}

/** One act at a time; what it failed with stays until the next. */
export function useAct(): Act {
  const [state, setState] = useState<{ busy: boolean; failure: ApiFailure | null }>({ busy: false, failure: null });
  const run = async (act: () => Promise<unknown>): Promise<void> => {
    setState({ busy: true, failure: null });
    try {
      await act();
      setState({ busy: false, failure: null });
    } catch (error) {
      setState({ busy: false, failure: asFailure(error) });
    }
  };
  return { ...state, run };
}

export function Field({ label, hint, children }: { label: string; hint?: ComponentChildren; children: ComponentChildren }): JSX.Element {
  return <div class="field"><label><span>{label}</span>{children}</label>{hint !== undefined && <small>{hint}</small>}</div>;
}

/** Text of a field of a form that was sent. */
export function fieldOf(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name);
  return typeof value === 'string' ? value.trim() : '';
}

/** A form that does not leave the page. */
export function Form({ onSend, children, label, role }: { onSend: (form: HTMLFormElement) => void; children: ComponentChildren; label: string; role?: 'search' }): JSX.Element {
  return (
    <form
      class="form"
      aria-label={label}
      role={role ?? 'form'}
      onSubmit={(event) => {
        event.preventDefault();
        onSend(event.currentTarget);
      }}
    >
      {children}
    </form>
  );
}

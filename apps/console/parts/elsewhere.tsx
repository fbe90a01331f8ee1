// A link to another host that a forge named: only an address of the web is one.
import type { ComponentChildren, JSX } from 'preact';

export function Elsewhere({ href, label, children }: { href: string | null; label?: string; children: ComponentChildren }): JSX.Element {
  if (href === null || !/^https?:\/\//i.test(href)) return <></>;
  return <a href={href} target="_blank" rel="noreferrer noopener" {...(label === undefined ? {} : { 'aria-label': label })}>{children}</a>;
}

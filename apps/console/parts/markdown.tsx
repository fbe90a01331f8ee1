// An answer in Markdown: HTML in it is shown as text, pictures by their words, and DOMPurify keeps what is harmless of the rest.
import DOMPurify from 'dompurify';
import { Marked } from 'marked';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

const MARKS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const asText = (text: string): string => text.replace(/[&<>"']/g, (mark) => MARKS[mark] ?? mark);

const marked = new Marked({ gfm: true, async: false, renderer: { html: ({ text }) => asText(text), image: ({ text }) => asText(text) } });

const ALLOWED = {
  ALLOWED_TAGS: ['p', 'br', 'strong', 'em', 'del', 'code', 'pre', 'ul', 'ol', 'li', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'a'],
  ALLOWED_ATTR: ['href', 'start', 'align'],
  ALLOWED_URI_REGEXP: /^(https?:|\/)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

/** HTML that can run nothing and load nothing. */
function safeHtml(text: string): string {
  const body = DOMPurify.sanitize(marked.parse(text) as string, { ...ALLOWED, RETURN_DOM: true }) as HTMLElement;
  for (const link of body.querySelectorAll('a')) {
    link.setAttribute('rel', 'noreferrer noopener nofollow');
    if (!link.getAttribute('href')?.startsWith('/')) link.setAttribute('target', '_blank');
  }
  for (const heading of body.querySelectorAll('h1, h2')) {
    const lower = document.createElement('h3');
    lower.append(...heading.childNodes);
    heading.replaceWith(lower);
  }
  for (const block of body.querySelectorAll('pre')) block.setAttribute('tabindex', '0'); // it scrolls
  return body.innerHTML;
}

export default function Markdown({ text }: { text: string }): JSX.Element {
  const html = useMemo(() => safeHtml(text), [text]);
  return <div class="answer" dangerouslySetInnerHTML={{ __html: html }} />;
}

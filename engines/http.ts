// One JSON answer of an engine's own page.

const ANSWERS_WITHIN = 5000;

/** The JSON at a URL. Fails when nobody answers within 5 s, or with anything but 200. */
export async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWERS_WITHIN), headers: { connection: 'close' } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}

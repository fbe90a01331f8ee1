// The provider without a model: answers the questions that it knows through the real tools.
import type { ModelProvider } from '../../model.ts';
import { nextOf } from './answer.ts';

export function scriptedProvider(): ModelProvider {
  return {
    name: 'scripted',
    model: 'questions',
    async step(request, { signal, onText }) {
      signal.throwIfAborted();
      const next = nextOf(request);
      const [text, calls] = 'answer' in next ? [next.answer, []] : ['', next.calls];
      if (text !== '') onText(text);
      return { text, calls, end: calls.length > 0 ? 'tools' : 'stop', usage: { input: 0, output: 0 }, provider: 'scripted', model: 'questions' };
    },
  };
}

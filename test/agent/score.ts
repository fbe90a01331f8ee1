// Entry `npm run questions`: asks the configured provider the whole question set and prints its score.
import { loadConfig } from '../../config.ts';
import { openProvider } from '../../agent/open-provider.ts';
import { openArchiveWithIndex } from './archive-with-index.ts';
import { mark } from './marking.ts';
import { QUESTION_SET } from './questions/index.ts';

const { llm } = loadConfig();
const provider = await openProvider(llm);
const archive = await openArchiveWithIndex();
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
let [right, asked, calls] = [0, 0, 0];
try {
  for (const question of QUESTION_SET.filter(({ needs }) => needs === undefined || archive.repositories.includes(needs))) {
    const started = performance.now();
    const result = await mark(provider, archive, question).catch((error: unknown) => ({ question: question.ask, calls: [], wrong: [(error as Error).message] }));
    asked += 1;
    calls += result.calls.length;
    if (result.wrong.length === 0) right += 1;
    say(`${result.wrong.length === 0 ? 'right' : 'WRONG'}  ${result.question}  (${result.calls.length} calls, ${Math.round(performance.now() - started)} ms)`);
    for (const what of result.wrong) say(`         ${what.slice(0, 200)}`);
  }
  say(`\n${provider.name}/${provider.model}: ${right} of ${asked} right, ${calls} calls`);
} finally {
  await archive.close();
}
process.exitCode = right === asked ? 0 : 1;

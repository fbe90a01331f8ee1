// The question set: over generated repositories, over this project's own, and wishes for work.
import { GENERATED } from './generated.ts';
import { PROJECT } from './project.ts';
import type { AskedQuestion } from './question.ts';
import { WORK } from './work.ts';

export const QUESTION_SET: readonly AskedQuestion[] = [...GENERATED, ...WORK, ...PROJECT];

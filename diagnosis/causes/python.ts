// Causes of failures of Python code, wherever it runs.
import { proof, run, type Cause } from '../cause.ts';

/** JavaScript has errors of the same names. */
const JAVASCRIPT = /Cannot read propert|^\s+at .*\.[jt]s:\d|Failed to initialize workflow/;

export const PYTHON: readonly Cause[] = [
  {
    id: 'python-module-missing',
    depth: 'cause',
    title: 'A Python module is missing where the code runs',
    meaning: 'The Python of the driver or of the executors does not have a package that the code imports.',
    toCheck: ['PYSPARK_PYTHON on every node: another Python has other packages.', 'How packages travel: --py-files, --archives, or an image.'],
    toRun: [run('python3 -m pip show MODULE', 'whether this Python has it'), run('spark-submit --archives environment.tar.gz#environment --conf spark.pyspark.python=./environment/bin/python JOB', 'an environment that travels with the job')],
    proofs: [proof('ModuleNotFoundError'), proof('No module named')],
    asked: 'missing python module import package library install pip cluster laptop',
  },
  {
    id: 'python-error',
    depth: 'general',
    title: 'Python code of the job raised an error',
    meaning: 'A function of the job failed on a row or an answer that it did not expect; the last line of the Python stack says what, the lines above it where.',
    toCheck: ['The line of the job that the stack names.', 'The rows that are different: empty values, new formats.'],
    toRun: [],
    proofs: [
      proof('NoneType object has no attribute'),
      proof('TypeError', /^\s*TypeError: /, JAVASCRIPT),
      proof('AttributeError', /^\s*AttributeError: /),
      proof('KeyError', /^\s*KeyError: /),
      proof('ValueError', /^\s*ValueError: /),
      proof('ZeroDivisionError', /^\s*ZeroDivisionError: /),
      proof('IndexError', /^\s*IndexError: /),
    ],
    asked: 'python error exception none null value udf function row attribute type xcom empty',
  },
];

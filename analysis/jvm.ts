// Scala, Java and Kotlin: main programs, Spark, environment, schedules, tests.
import { codeOf, named, type Code } from './calls.ts';
import { JVM } from './lexis.ts';
import { Facts, firstOf, type FileReader } from './reader.ts';
import { shownValue } from './secrets.ts';
import type { Source } from './source.ts';
import { sparkFacts } from './spark.ts';
import { sqlInStrings } from './sql.ts';

export const jvmReader: FileReader = {
  reads: (path) => /\.(?:scala|java|kt|kts|groovy)$/.test(path) && !/(?:^|\/)build\.gradle\.kts$/.test(path),
  read(source) {
    const facts = new Facts(source);
    const code = codeOf(source.text, JVM);
    mains(source, code, facts);
    sparkFacts(code, facts);
    environment(code, facts);
    sqlInStrings(code, facts);
    tests(source, code, facts);
    return facts.list;
  },
};

function mains({ name }: Source, { text, lineAt }: Code, facts: Facts): void {
  const line = (found: RegExpExecArray): number => lineAt(found.index + found[0].search(/\S/));
  for (const found of text.matchAll(/^[ \t]*(?:case[ \t]+)?object[ \t]+(\w+)[^\n{]{0,200}\bextends[ \t]+(?:\w+[ \t]+with[ \t]+)?App\b/gm)) facts.add('entryPoint', found[1] ?? '', 'an object that is a program (extends App)', line(found));
  for (const found of text.matchAll(/\bdef[ \t]+main[ \t]*\(|\bstatic[ \t]+(?:final[ \t]+)?void[ \t]+main[ \t]*\(|^fun[ \t]+main[ \t]*\(/gm)) {
    const owner = [...text.slice(0, found.index).matchAll(/\b(?:object|class)[ \t]+(\w+)/g)].at(-1)?.[1];
    facts.add('entryPoint', 'main', `the main program of ${owner ?? name}`, line(found));
  }
}

function environment(code: Code, facts: Facts): void {
  for (const call of code.calls) {
    const [first, otherwise] = call.args;
    if (first === undefined) continue;
    if (/^(?:System\.getenv(?:\(\)\.get(?:OrDefault)?)?|(?:scala\.)?(?:sys\.)?env(?:\.(?:get|getOrElse))?)$/.test(call.path) && first.literal !== undefined) {
      const value = otherwise?.literal === undefined ? '' : shownValue(first.literal, otherwise.literal).replace(' = ', ', default ');
      facts.add('configuration', first.literal, `environment variable${value}`, first.line);
    } else if (call.path === 'System.getProperty' && first.literal !== undefined) facts.add('configuration', first.literal, 'property of the Java system', first.line);
    else if (call.decorator && call.name === 'Scheduled') for (const argument of call.args) facts.add('schedule', named(argument, code).name, `when the method below runs (@Scheduled ${argument.keyword ?? ''})`, argument.line);
    else if (call.decorator && call.name === 'Value' && first.literal !== undefined) facts.add('configuration', first.literal, 'setting that Spring fills in', first.line);
    else if (call.decorator && call.name === 'KafkaListener') for (const argument of call.args.filter(({ keyword }) => keyword === undefined || keyword === 'topics')) facts.add('input', named(argument, code).name, 'Kafka topic of @KafkaListener', argument.line);
  }
}

function tests({ path }: Source, { text, lineAt }: Code, facts: Facts): void {
  const suite = /\bclass[ \t]+(\w+)[^\n{]{0,200}\bextends[ \t]+\w*(?:FunSuite|FlatSpec|WordSpec|FreeSpec|FunSpec|FeatureSpec|PropSpec)\w*/.exec(text);
  const marked = [...text.matchAll(/@(?:Test|ParameterizedTest)\b[^\n]{0,200}\n(?:[ \t]*@[^\n]{0,200}\n)*[^\n(]{0,200}?(\w+)[ \t]*\(/g)];
  const [first] = marked;
  const named = /(?:^|\/)src\/test\//.test(path) ? /\bclass\s+(\w+(?:Test|Spec|IT))\b/.exec(text) : null;
  if (suite !== null) facts.add('test', suite[1] ?? '', 'a suite of ScalaTest', lineAt(suite.index));
  else if (first !== undefined) facts.add('test', first[1] ?? '', firstOf(marked.length, 'test method'), lineAt(first.index + first[0].lastIndexOf(first[1] ?? '')));
  else if (named !== null) facts.add('test', named[1] ?? '', 'a test class', lineAt(named.index + named[0].lastIndexOf(named[1] ?? '')));
}

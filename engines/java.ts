// The command line of a JVM that starts fast and stays on loopback.
import { join } from 'node:path';

/** Hadoop and Spark reach into these packages, which Java 17 closes by default. */
const OPENS = ['java.lang', 'java.lang.invoke', 'java.net', 'java.nio', 'java.util', 'sun.nio.ch'].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);

/** Halves the start: engines here live for minutes, so that the optimizing compiler never pays. */
const NO_OPTIMIZER = '-XX:TieredStopAtLevel=1';

/** No files in /tmp. */
export const JVM_FLAGS = ['-XX:+UseSerialGC', NO_OPTIMIZER, '-Xshare:auto', '-XX:-UsePerfData', '-Djava.net.preferIPv4Stack=true', ...OPENS];

export interface JavaOptions {
  /** Largest heap, e.g. `512m`. */
  heap: string;
  classpath: string;
  /** Where Java and native libraries put temporary files. */
  temporary: string;
  main: string;
  args: string[];
  /** With Java's optimizing compiler, as a cluster runs it. */
  optimized?: boolean | undefined;
}

export function javaArgs(options: JavaOptions): string[] {
  return [...JVM_FLAGS.filter((flag) => options.optimized !== true || flag !== NO_OPTIMIZER), `-Xmx${options.heap}`, `-Djava.io.tmpdir=${options.temporary}`, '-cp', options.classpath, options.main, ...options.args];
}

export const jarsIn = (folder: string): string => join(folder, '*');

/** log4j 1 configuration, which reload4j reads: lines of `level` and above on stderr. */
export function log4j(level: string): string {
  return [
    `log4j.rootLogger=${level},console`,
    'log4j.logger.org.apache.hadoop.util.NativeCodeLoader=ERROR',
    'log4j.appender.console=org.apache.log4j.ConsoleAppender',
    'log4j.appender.console.target=System.err',
    'log4j.appender.console.layout=org.apache.log4j.PatternLayout',
    'log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n',
    '',
  ].join('\n');
}

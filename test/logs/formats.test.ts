// What is read from the lines of each system.
import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../contract/logs.ts';
import { recognise, runOf, systemOf } from '../../logs/formats/recognise.ts';

function read(text: string, name = 'some.log'): { format: string; system: string; entries: LogEntry[] } {
  const lines = text.split('\n');
  const format = recognise(lines.slice(0, 60));
  const entries: LogEntry[] = [];
  const reader = format.reader((entry) => entries.push(entry), 1);
  lines.forEach((line, i) => reader.line(line, i + 1));
  reader.end();
  return { format: format.name, system: systemOf(format, lines, name), entries };
}

const at = (text: string): number => Date.parse(text);

describe('log4j', () => {
  it('is read as Spark writes it, an exception with its causes as one entry', () => {
    const { format, system, entries } = read(`24/01/02 12:00:00 INFO SparkContext: Running Spark version 3.5.1
24/01/02 12:00:01 ERROR Executor: Exception in task 0.0 in stage 1.0 (TID 3)
java.lang.OutOfMemoryError: Java heap space
\tat java.base/java.util.Arrays.copyOf(Arrays.java:3537)
\tat org.apache.spark.unsafe.Platform.allocate(Platform.java:1)
Caused by: java.io.IOException: disk
\t... 3 more
24/01/02 12:00:02 WARN TaskSetManager: Lost task 0.0`);
    expect([format, system]).toEqual(['log4j', 'spark']);
    expect(entries.map(({ line, lines, level, component }) => [line, lines, level, component])).toEqual([[1, 1, 'info', 'SparkContext'], [2, 6, 'error', 'Executor'], [8, 1, 'warn', 'TaskSetManager']]);
    expect(entries[1]).toMatchObject({ time: at('2024-01-02T12:00:01Z'), text: 'Exception in task 0.0 in stage 1.0 (TID 3)' });
    expect(entries[1]?.exception?.split('\n')).toHaveLength(5);
    expect(entries[1]?.exception).toMatch(/^java\.lang\.OutOfMemoryError[^]*Caused by: java\.io\.IOException: disk/);
  });

  it('is read as Hadoop writes it, with a file and line behind the component too', () => {
    const { system, entries } = read(`2024-01-02 12:00:00,123 INFO org.apache.hadoop.hdfs.server.namenode.FSNamesystem: Roll Edit Log from 127.0.0.1
2024-01-02 12:00:01,007 INFO  [main] namenode.NameNode (NameNode.java:createNameNode(1724)) - createNameNode [-format]
2024-01-02 12:00:02,000 ERROR org.apache.hadoop.hdfs.server.datanode.DataNode: host:9866:DataXceiver error processing WRITE_BLOCK operation
java.net.SocketTimeoutException: 60000 millis timeout
\tat org.apache.hadoop.net.SocketIOWithTimeout.doIO(SocketIOWithTimeout.java:164)`);
    expect(system).toBe('hadoop');
    expect(entries[0]).toMatchObject({ time: at('2024-01-02T12:00:00.123Z'), component: 'org.apache.hadoop.hdfs.server.namenode.FSNamesystem', text: 'Roll Edit Log from 127.0.0.1' });
    expect(entries[1]).toMatchObject({ component: 'namenode.NameNode', text: 'createNameNode [-format]' });
    expect(entries[2]).toMatchObject({ lines: 3, level: 'error', exception: expect.stringMatching(/^java\.net\.SocketTimeoutException/) as string });
  });

  it('is read as Kafka writes it, with the component at the end', () => {
    const { system, entries } = read('[2024-01-02 12:00:00,123] INFO [KafkaServer id=0] started (kafka.server.KafkaServer)\n[2024-01-02 12:00:01,000] WARN [Producer clientId=p] Connection to node -1 could not be established (org.apache.kafka.clients.NetworkClient)');
    expect(system).toBe('kafka');
    expect(entries.map(({ component, text }) => [component, text])).toEqual([['kafka.server.KafkaServer', '[KafkaServer id=0] started'], ['org.apache.kafka.clients.NetworkClient', '[Producer clientId=p] Connection to node -1 could not be established']]);
  });

  it('tells a driver\'s own traceback apart from the entry before it', () => {
    const { entries } = read(`24/01/02 12:00:02 INFO SparkContext: Invoking stop()
Traceback (most recent call last):
  File "/opt/job.py", line 9, in <module>
    main()
ValueError: no such table
24/01/02 12:00:03 INFO ShutdownHookManager: Deleting directory /tmp/x`);
    expect(entries.map(({ line, lines, level, text }) => [line, lines, level, text])).toEqual([[1, 1, 'info', 'Invoking stop()'], [2, 4, 'error', 'ValueError: no such table'], [6, 1, 'info', 'Deleting directory /tmp/x']]);
    expect(entries[1]).toMatchObject({ time: at('2024-01-02T12:00:02Z'), exception: expect.stringContaining('File "/opt/job.py"') as string });
  });
});

describe('JSON lines', () => {
  it('are read as PIVO writes them, with the run they belong to', () => {
    const { format, system, entries } = read(`{"level":30,"time":"2026-01-02T12:00:00.000Z","component":"PIVO-ORCHESTRATOR","msg":"worker ready"}
{"level":50,"time":"2026-01-02T12:00:01.500Z","component":"RESTORE","workflowId":"restore:ab12","error":{"type":"Error","message":"gone","stack":"Error: gone\\n    at f (file:///x.ts:1:2)"},"msg":"an act failed unexpectedly"}`);
    expect([format, system]).toEqual(['pivo', 'pivo']);
    expect(entries[1]).toMatchObject({ time: at('2026-01-02T12:00:01.500Z'), level: 'error', component: 'RESTORE', run: 'restore:ab12', exception: 'Error: gone\n    at f (file:///x.ts:1:2)' });
    expect(entries[1]?.text).toMatch(/^an act failed unexpectedly\n/);
  });

  it('are read as log4j2, Spark 4, Temporal and Airflow 3 write them', () => {
    expect(read('{"instant":{"epochSecond":1704196800,"nanoOfSecond":5000000},"level":"ERROR","loggerName":"org.apache.spark.executor.Executor","message":"boom","thrown":{"name":"java.lang.OutOfMemoryError","message":"Java heap space","extendedStackTrace":[{"class":"a.B","method":"c","file":"B.java","line":7}]}}').entries[0])
      .toMatchObject({ time: at('2024-01-02T12:00:00.005Z'), level: 'error', component: 'org.apache.spark.executor.Executor', text: 'boom', exception: 'java.lang.OutOfMemoryError: Java heap space\n\tat a.B.c(B.java:7)' });
    expect(read('{"ts":"2024-01-02T12:00:00.000Z","level":"ERROR","msg":"Lost","context":{"task_id":"1"},"logger":"TaskSetManager","exception":{"class":"x.Y","msg":"m","stacktrace":[{"class":"a.B","method":"c","file":"B.java","line":"7"}]}}').entries[0])
      .toMatchObject({ component: 'TaskSetManager', text: 'Lost\ncontext={"task_id":"1"}', exception: 'x.Y: m\n\tat a.B.c(B.java:7)' });
    expect(read('{"level":"warn","ts":"2024-01-02T12:00:00.000+0100","msg":"Activity error.","wf-id":"ingest:x","logging-call-at":"a.go:1"}')).toMatchObject({ system: 'temporal', entries: [{ time: at('2024-01-02T11:00:00Z'), level: 'warn', run: 'ingest:x' }] });
    expect(read('{"timestamp":"2024-01-02T12:00:00Z","event":"Task failed","level":"error","logger":"task","error_detail":[{"exc_type":"ValueError","exc_value":"x","frames":[{"filename":"a.py","lineno":3,"name":"f"}]}]}')).toMatchObject({ system: 'airflow', entries: [{ text: 'Task failed', exception: 'ValueError: x\n  File "a.py", line 3, in f' }] });
  });
});

it('Airflow\'s task logs are read, and their name tells the run', () => {
  const name = 'dag_id=etl/run_id=scheduled__2024-01-02/task_id=load/attempt=1.log';
  const { format, system, entries } = read(`[2024-01-02T12:00:00.123+0200] {taskinstance.py:1157} INFO - Dependencies all met
[2024-01-02T12:00:01.000+0200] {taskinstance.py:2698} ERROR - Task failed with exception
Traceback (most recent call last):
  File "/opt/airflow/dags/etl.py", line 12, in load
    raise FileNotFoundError(path)
FileNotFoundError: /data/in.csv`, name);
  expect([format, system, runOf(name)]).toEqual(['airflow', 'airflow', 'scheduled__2024-01-02']);
  expect(entries).toHaveLength(2);
  expect(entries[1]).toMatchObject({ time: at('2024-01-02T10:00:01Z'), level: 'error', component: 'taskinstance.py', lines: 5, text: 'Task failed with exception', exception: expect.stringContaining('FileNotFoundError: /data/in.csv') as string });
});

it('Spark\'s event logs are read as what happened, failures with their stack', () => {
  const { format, system, entries } = read(`{"Event":"SparkListenerApplicationStart","App Name":"etl","App ID":"app-20240102120000-0001","Timestamp":1704196800000,"User":"ada"}
{"Event":"SparkListenerTaskEnd","Stage ID":1,"Stage Attempt ID":0,"Task Type":"ResultTask","Task End Reason":{"Reason":"ExceptionFailure","Class Name":"java.lang.OutOfMemoryError","Description":"Java heap space","Full Stack Trace":"java.lang.OutOfMemoryError: Java heap space\\n\\tat a.B.c(B.java:1)"},"Task Info":{"Task ID":3,"Executor ID":"1","Host":"h","Finish Time":1704196801000}}
{"Event":"SparkListenerJobEnd","Job ID":0,"Completion Time":1704196802000,"Job Result":{"Result":"JobFailed","Exception":{"Message":"Job aborted due to stage failure","Stack Trace":[]}}}`);
  expect([format, system]).toEqual(['spark-events', 'spark']);
  expect(entries[0]).toMatchObject({ time: 1704196800000, level: 'info', run: 'app-20240102120000-0001', text: 'ApplicationStart app_name=etl app_id=app-20240102120000-0001' });
  expect(entries[1]).toMatchObject({ time: 1704196801000, level: 'error', component: 'TaskEnd', exception: expect.stringMatching(/^java\.lang\.OutOfMemoryError: Java heap space\n/) as string });
  expect(entries[1]?.text).toContain('stage_id=1 stage_attempt_id=0 task_id=3 executor_id=1 host=h reason=ExceptionFailure java.lang.OutOfMemoryError');
  expect(entries[2]).toMatchObject({ level: 'error', text: expect.stringContaining('Job aborted due to stage failure') as string });
});

describe('a Temporal history', () => {
  const events = [
    { eventId: '1', eventTime: '2024-01-02T12:00:00Z', eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED', workflowExecutionStartedEventAttributes: { workflowType: { name: 'restore' }, workflowId: 'restore:ab12', input: [{ token: 'x' }] } },
    { eventId: '7', eventTime: '2024-01-02T12:00:03Z', eventType: 'EVENT_TYPE_ACTIVITY_TASK_FAILED', activityTaskFailedEventAttributes: { failure: { message: 'activity error', cause: { message: 'the target refused "{"', applicationFailureInfo: { type: 'TargetRefused' } } } } },
  ];

  it.each([['indented', 2], ['on one line', undefined]])('is read event by event, %s', (_what, indent) => {
    const { format, system, entries } = read(JSON.stringify({ events }, undefined, indent));
    expect([format, system]).toEqual(['temporal-history', 'temporal']);
    expect(entries.map(({ component, level, run }) => [component, level, run])).toEqual([['WorkflowExecutionStarted', 'info', 'restore:ab12'], ['ActivityTaskFailed', 'error', 'restore:ab12']]);
    expect(entries[1]).toMatchObject({ time: at('2024-01-02T12:00:03Z'), exception: 'activity error\nCaused by: TargetRefused: the target refused "{"' });
    expect(new Set(entries.map(({ line }) => line)).size).toBe(2);
  });

  it('says on which line an event stands', () => {
    const text = JSON.stringify({ events }, undefined, 2);
    const { entries } = read(text);
    expect(text.split('\n').slice((entries[1]?.line ?? 0) - 1, entries[1]?.line).join('')).toBe('    {');
  });
});

describe('plain text', () => {
  it('is an entry a line, with time and level where they are shown', () => {
    const { format, entries } = read(`starting
2024-01-02T12:00:00.5+01:00 [INFO] disk is checked
Error: something broke
    at main (file:///app/x.js:3:4)
    at node:internal/main:1:1
done`);
    expect(format).toBe('plain');
    expect(entries.map(({ line, lines, time, level, text }) => [line, lines, time, level, text])).toEqual([
      [1, 1, null, null, 'starting'],
      [2, 1, at('2024-01-02T11:00:00.5Z'), 'info', 'disk is checked'],
      [3, 3, at('2024-01-02T11:00:00.5Z'), 'error', 'Error: something broke'],
      [6, 1, at('2024-01-02T11:00:00.5Z'), null, 'done'],
    ]);
    expect(entries[2]?.exception).toContain('at main (file:///app/x.js:3:4)');
  });

  it('is read as Go programs write key and value', () => {
    expect(read('time=2024-01-02T12:00:00.000Z level=ERROR msg="Fail to process task" wf-id=ingest:x wf-namespace=default component=history')).toMatchObject({ system: 'temporal', entries: [{ level: 'error', run: 'ingest:x', component: 'history', time: at('2024-01-02T12:00:00Z') }] });
  });

  it('does not grow without end where a print has a thousand lines', () => {
    const { entries } = read(`24/01/02 12:00:00 INFO A: x\n${'row\n'.repeat(1000)}24/01/02 12:00:01 INFO A: y\n24/01/02 12:00:02 INFO A: z${'\n24/01/02 12:00:02 INFO A: z'.repeat(50)}`);
    expect(Math.max(...entries.map(({ lines }) => lines))).toBeLessThan(250);
    expect(entries.reduce((sum, { lines }) => sum + lines, 0)).toBe(1053);
  });
});

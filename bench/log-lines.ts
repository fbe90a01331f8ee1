// Lines as HDFS, YARN and Spark write them; the same for the same number.

const COMPONENTS = ['org.apache.hadoop.hdfs.server.datanode.DataNode', 'org.apache.hadoop.hdfs.StateChange', 'org.apache.hadoop.hdfs.server.namenode.FSNamesystem', 'BlockStateChange', 'org.apache.hadoop.ipc.Server', 'org.apache.spark.scheduler.TaskSetManager', 'org.apache.spark.storage.BlockManagerInfo'];

/** Small numbers below `n`, by a generator of 32 bits (Numerical Recipes), its high half. */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % n;
  };
}

const MESSAGES: readonly ((r: (n: number) => number) => string)[] = [
  (r) => `Receiving BP-${r(1e9)}-10.0.0.${r(255)}-17${r(1e9)}:blk_10737${r(1e5)}_${r(9999)} src: /10.0.${r(9)}.${r(255)}:${r(60_000)} dest: /10.0.0.5:9866`,
  (r) => `PacketResponder: BP-${r(1e9)}-10.0.0.1-17${r(1e9)}:blk_10737${r(1e5)}_${r(9999)}, type=HAS_DOWNSTREAM_IN_PIPELINE, downstreams=1:[10.0.0.${r(9)}:9866] terminating`,
  (r) => `BLOCK* allocate blk_10737${r(1e5)}_${r(9999)}, replicas=10.0.0.${r(9)}:9866, 10.0.0.${r(9)}:9866 for /user/hive/warehouse/orders_${r(99)}/part-${r(9999)}`,
  (r) => `Starting task ${r(99)}.0 in stage ${r(9)}.0 (TID ${r(9999)}) (10.0.0.${r(9)}, executor ${r(9)}, partition ${r(999)}, PROCESS_LOCAL, ${r(99_999)} bytes)`,
  (r) => `Finished task ${r(99)}.0 in stage ${r(9)}.0 (TID ${r(9999)}) in ${r(9999)} ms on 10.0.0.${r(9)} (executor ${r(9)}) (${r(99)}/100)`,
  (r) => `Added broadcast_${r(99)}_piece0 in memory on 10.0.0.${r(9)}:${r(60_000)} (size: ${r(99)}.${r(9)} KiB, free: ${r(999)}.${r(9)} MiB)`,
  (r) => `Number of transactions: ${r(999)} Total time for transactions(ms): ${r(999)} Number of transactions batched in Syncs: ${r(99)} Number of syncs: ${r(99)} SyncTimes(ms): ${r(999)}`,
  (r) => `Container container_17${r(1e9)}_00${r(99)}_01_0000${r(99)} transitioned from RUNNING to EXITED_WITH_SUCCESS`,
  (r) => `IPC Server handler ${r(9)} on default port 8020, call Call#${r(999)} Retry#0 org.apache.hadoop.hdfs.protocol.ClientProtocol.getBlockLocations from 10.0.0.${r(9)}:${r(60_000)}`,
  (r) => `Lost task ${r(99)}.${r(3)} in stage ${r(9)}.0 (TID ${r(9999)}) (10.0.0.${r(9)} executor ${r(9)}): java.net.SocketTimeoutException: ${r(9)}0000 millis timeout while waiting for channel to be ready for read`,
];

const LINES_A_PIECE = 5_000;

/** `count` lines, some thousand at a time. */
export function* engineLogLines(count: number): Generator<string> {
  const r = numbers(7);
  let time = Date.UTC(2026, 0, 1);
  for (let from = 0; from < count; from += LINES_A_PIECE) {
    const lines = Array.from({ length: Math.min(LINES_A_PIECE, count - from) }, () => {
      time += r(40);
      const message = MESSAGES[r(MESSAGES.length)]?.(r) ?? '';
      return `${new Date(time).toISOString().replace('T', ' ').replace('.', ',').slice(0, 23)} ${r(20) === 0 ? 'WARN' : 'INFO'} ${COMPONENTS[r(COMPONENTS.length)]}: ${message}\n`;
    });
    yield lines.join('');
  }
}

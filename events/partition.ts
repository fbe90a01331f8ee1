// Which partition a key belongs to: the hash that Kafka's own clients use, so that both logs agree.

/**
 * 32-bit MurmurHash2 of a key's UTF-8 bytes with Kafka's seed, as a signed integer
 * (org.apache.kafka.common.utils.Utils.murmur2).
 */
export function murmur2(key: string): number {
  const data = Buffer.from(key, 'utf8');
  const M = 0x5bd1e995;
  let h = 0x9747b28c ^ data.length;
  let at = 0;
  for (; at + 4 <= data.length; at += 4) {
    let k = Math.imul(data.readInt32LE(at), M);
    k = Math.imul(k ^ (k >>> 24), M);
    h = Math.imul(h, M) ^ k;
  }
  const rest = data.length - at;
  if (rest === 3) h ^= (data[at + 2] ?? 0) << 16;
  if (rest >= 2) h ^= (data[at + 1] ?? 0) << 8;
  if (rest >= 1) h = Math.imul(h ^ (data[at] ?? 0), M);
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}

/** The partition of a key among `partitions`: murmur2 without its sign bit, modulo, as Kafka's default partitioner. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

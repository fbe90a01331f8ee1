// What a WebHDFS store is told besides its URL.

export interface WebHdfsSettings {
  /** Folder with core-site.xml and hdfs-site.xml, which say where name services are. */
  hadoopConf?: string | undefined;
  /** `user.name` of every request; ignored by a cluster that asks for more than simple authentication. */
  user?: string | undefined;
  /** File with a delegation token in its URL-safe form, read again for each request so that a renewed one counts at once. */
  tokenFile?: string | undefined;
  /** File with the certificates (PEM) that the cluster's TLS is signed by. */
  caFile?: string | undefined;
  /** Hosts (`dn1.example`), host and port (`dn1.example:9864`) or suffixes (`.example`) that redirects may lead to; none: any. */
  datanodes?: readonly string[] | undefined;
  /** Most seconds to connect, and without a byte while bytes are due. */
  timeouts?: { connect: number; idle: number } | undefined;
}

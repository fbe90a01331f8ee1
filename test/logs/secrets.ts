// Canaries: lines as systems write them, each with a secret that no table may hold.

export const SECRETS = ['cAnArY0', 'cAnArY1secretpart', 'CANARYCANARY', 'cAnArYtOkEn', 'Y2FuYXJ5OmNhbmFyeQ'] as const;

export const linesWithSecrets = (): string[] => [
  'cloning https://ada:cAnArY0@host.example/x.git',
  'jdbc:postgresql://ada:cAnArY0@db.example:5432/x failed',
  'Authorization: Bearer cAnArYtOkEn.abc-123_x',
  'header {"authorization":"Basic Y2FuYXJ5OmNhbmFyeQ=="}',
  'WWW-Authenticate: Negotiate Y2FuYXJ5OmNhbmFyeQAAAA==',
  'got AKIACANARYCANARY1234 from the metadata service',
  'fs.s3a.secret.key=cAnArY1secretpart/x+y',
  'spark.hadoop.fs.s3a.access.key -> fs.s3a.access.key=cAnArY0',
  'fs.azure.account.key.store.blob.core.windows.net: cAnArY0==',
  '<property><name>fs.s3a.secret.key</name><value>cAnArY1secretpart</value></property>',
  'config {"password":"cAnArY0 with \\"quotes\\" cAnArY0","user":"ada"}',
  'nested {\\"password\\":\\"cAnArY0\\",\\"x\\":1}',
  "dsn user=ada password='cAnArY0 and more' host=db",
  'spark-submit --password cAnArY0 --master yarn',
  'token ghp_cAnArYtOkEncAnArYtOkEncAnArYtOkEn1234 refused',
  'remote said glpat-cAnArYtOkEn1234567890',
  'posting to slack with xoxb-cAnArYtOkEn-123456',
  'key sk-cAnArYtOkEn12345678901234',
  'jwt eyJhbGciOiJIUzI1NiJ9.cAnArYtOkEnxyz.cAnArYtOkEnsig',
  'GET /webhdfs/v1/x?op=OPEN&delegation=cAnArYtOkEn123&offset=0',
  'https://store.example/b?sv=1&sig=cAnArY0%2B%3D&se=2',
  'https://s3.example/b/k?X-Amz-Security-Token=cAnArYtOkEn&X-Amz-Signature=cAnArY0ff',
  'sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="ada" password="cAnArY0";',
  'Kerberos password for ada: password: cAnArY0',
  'AWS_SECRET_ACCESS_KEY=cAnArY1secretpart',
];

/** A private key as it could be printed. */
export const PRIVATE_KEY = ['read key:', '-----BEGIN RSA PRIVATE KEY-----', 'Y2FuYXJ5OmNhbmFyeQabcdefghijklmnop', 'qrstuvCANARYCANARYwxyz', '-----END RSA PRIVATE KEY-----'];

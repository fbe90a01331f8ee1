// What programs do with what they are given: show it, send it, keep it, or run it.

const set = (names: string): ReadonlySet<string> => new Set(names.split(' '));

/** Print their arguments. */
export const PRINTERS = set('echo printf print say logger wall figlet banner');
/** Print what they read, or what their arguments make of it. */
export const FILTERS = set('cat tac tee rev base64 base32 basenc xxd od hexdump tr sed gsed awk gawk mawk nawk cut head tail fold fmt pr sort uniq grep egrep fgrep rg jq yq less more nl strings paste column expand envsubst gzip gunzip zcat bzip2 xz openssl dd pv uuencode split iconv rot13 diff cmp comm join xargs yes seq ts sponge');
/** Take what they read and show nothing of it. */
export const KEEPERS = set('gpg gpg2 ssh-add chpasswd age sops kubectl oc vault sha256sum sha512sum sha1sum md5sum wc test [ true : false read mapfile readarray keytool cosign docker podman buildah skopeo crane oras helm psql mysql passwd cryptsetup security certutil install pass');
/** Arguments that say that a program takes a secret from its stdin. */
export const TAKES_SECRET = /^(?:login|auth|--password-stdin|--with-token|--token-stdin|--passphrase-fd|--stdin|import|--import|secret)$/;
/** Speak to other machines. */
export const SENDERS = set('curl wget http https httpie xh nc ncat netcat socat telnet ftp tftp lftp dig nslookup host ping ping6 traceroute mail mailx sendmail wscat websocat aria2c lynx');
/** Get a file from elsewhere. */
export const DOWNLOADERS = set('curl wget http https xh fetch aria2c lynx nc ncat netcat');
/** Make text that nobody can read on the way. */
export const DECODERS = set('base64 base32 xxd openssl gunzip zcat rev uudecode');
export const SHELLS = set('sh bash dash ash zsh ksh mksh');
export const INTERPRETERS = set('python python2 python3 node nodejs ruby perl php deno bun lua Rscript pwsh powershell tclsh groovy jshell');
/** The options of interpreters behind which code stands. */
export const INLINE = /^(?:-[a-zA-Z]*[ceErpn]|--eval|--print|-Command|--execute)$/;
/** Options of curl and wget whose next word is no address. */
const VALUE_LETTERS = 'oOdHuXFTAebcmwrEKyYzCPQDtRZ';
const CURL_LETTERS = 'odHuXFTAebcmwrEKyYzCPQDtU';
const WGET_LETTERS = 'oOPUtTQeaiBAR';
const VALUE_NAMES = /^--(?:output|output-dir|data(?:-\w+)?|json|header|user|user-agent|request|form(?:-string)?|upload-file|referer|cookie|cookie-jar|max-time|connect-timeout|write-out|range|cert|key|cacert|capath|config|retry(?:-\w+)?|oauth2-bearer|tlsv?[\w.]*max|ciphers|interface|limit-rate|output-document|directory-prefix|post-data|post-file|body-data|body-file|method|tries|timeout|password|http-user|http-password|accept|reject|quota|execute|stderr|trace|trace-ascii|dump-header|time-cond|speed-\w+|continue-at|noproxy)$/;

/** True for an option whose value is the next word. */
export function takesValue(program: string, option: string): boolean {
  if (option.startsWith('--')) return VALUE_NAMES.test(option);
  const letters = program === 'curl' ? CURL_LETTERS : program === 'wget' ? WGET_LETTERS : VALUE_LETTERS;
  return /^-[A-Za-z]+$/.test(option) && letters.includes(option.at(-1) ?? '');
}

/** Options whose value goes into a header alone, not into the body or the address. */
export const HEADER_OPTIONS = /^(?:-[a-zA-Z]*[Hu]|--header|--user|--oauth2-bearer|--http-user|--http-password|--password|--config|-K|--netrc-file)$/;

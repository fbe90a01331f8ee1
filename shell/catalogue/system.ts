// Processes, ports, memory, services and the network.
import { intentsOf, type Intent } from '../intent.ts';

const bash = intentsOf('bash');

export const SYSTEM: readonly Intent[] = [
  bash('reads', 'Tells which process listens on a port.', ['which process is using port <port>', 'what is listening on port <port>', 'who uses port <port>'], ['ss -ltnp', 'listening TCP sockets with their processes'], ["'sport = :<port>'", 'of this port']),
  bash('reads', 'Lists all ports that are listened on.', ['list all listening ports', 'show open ports'], ['ss -ltnp', 'listening TCP sockets, numbers instead of names, with their processes']),
  bash('reads', 'Finds processes by their name.', ['find the process <process>', 'is the process <process> running', 'show running processes named <process>', 'list all <process> processes'], ['pgrep -af', 'searches the whole command line, and shows it'], ['-- <process>', 'for this']),
  bash('reads', 'Shows the processes that take the most memory.', ['which processes use the most memory', 'top <number> processes by memory usage', 'who is using all the memory', 'what is eating my ram'], ['ps -eo pid,user,rss,args --sort=-rss', 'all processes, the most memory first'], ['| head -n <number=20>', 'these many']),
  bash('reads', 'Shows the processes that take the most processor time.', ['which processes use the most cpu', 'top <number> processes by cpu', 'what is using the processor'], ['ps -eo pid,user,pcpu,args --sort=-pcpu', 'all processes, the busiest first'], ['| head -n <number=20>', 'these many']),
  bash('changes', 'Asks a process to end.', ['kill the process <pid>', 'stop process with pid <pid>', 'terminate pid <pid>'], ['kill', 'asks it to end; it may finish its work'], ['<pid>', 'the process']),
  bash('destroys', 'Ends a process at once.', ['force kill the process <pid>', 'kill -9 <pid>', 'kill process <pid> forcefully'], ['kill -KILL', 'ends it at once, whatever it was doing'], ['<pid>', 'the process']),
  bash('reads', 'Tells how much memory is free.', ['show memory usage', 'how much memory is free', 'free ram on this machine'], ['free -h', 'as people read it']),
  bash('reads', 'Tells how long the machine has been running and how busy it is.', ['show uptime', 'how long has the machine been running', 'system load average'], ['uptime', 'since when, and the load of 1, 5 and 15 minutes']),
  bash('reads', 'Tells how many processors there are.', ['how many cpu cores', 'number of processors on this machine'], ['nproc', 'processors that this process may use']),
  bash('reads', 'Shows which files a process has open.', ['which files does process <pid> have open', 'open files of pid <pid>'], ['lsof -p <pid>', 'files and sockets of this process']),
  bash('reads', 'Tells which process has a file open.', ['which process has the file <file> open', 'who is using the file <file>'], ['lsof', 'who has it open'], ['-- <file>', 'this file']),
  bash('reads', 'Shows an environment variable.', ['show the environment variable <variable>', 'value of the variable <variable>'], ['printenv', 'of the environment'], ['<variable>', 'this one']),
  bash('reads', 'Tells the state of a systemd service.', ['status of the service <service>', 'is the service <service> running'], ['systemctl status --no-pager', 'state and last lines of its log'], ['<service>', 'the service']),
  bash('changes', 'Starts a systemd service again.', ['restart the service <service>', 'restart <service>'], ['sudo systemctl restart', 'stops and starts it, as root'], ['<service>', 'the service']),
  bash('reads', 'Shows the log of a systemd service.', ['logs of the service <service> since <since>', 'journal of the service <service>', 'show the journalctl log of <service>'], ['journalctl --no-pager', 'the journal'], ['-u <service>', 'of this service'], ['?--since=<since>', 'from then on']),
  bash('changes', 'Downloads a file under another name.', ['download <url> to <file>', 'save <url> as <file>', 'download <url> into the file <file>'], ['curl -fL', 'follows redirections, fails when the server does'], ['-o <file>', 'into this file, which is overwritten'], ['<url>', 'from here']),
  bash('changes', 'Downloads a file by the name that it has there.', ['download <url>', 'download the file <url>', 'fetch <url> with curl and save it'], ['curl -fLO', 'follows redirections, fails when the server does, keeps the name'], ['<url>', 'from here']),
  bash('reads', 'Asks a server for the headers of its answer.', ['show the http headers of <url>', 'check if <url> responds', 'http status of <url>'], ['curl -sSIL', 'headers only, redirections followed'], ['<url>', 'the address']),
  bash('reads', 'Tells whether a port of a host can be reached.', ['check if port <port> is open on host <host>', 'can I reach <host> on port <port>', 'test the connection to <host> port <port>'], ['nc -zv -w 5', 'connects, sends nothing, waits five seconds at most'], ['<host>', 'the host'], ['<port>', 'the port']),
  bash('reads', 'Looks a name up in DNS.', ['dns lookup of <host>', 'resolve the host name <host>', 'ip address of <host>'], ['getent hosts', 'as programs of this machine resolve it'], ['<host>', 'the name']),
  bash('reads', 'Tells whether a host answers.', ['ping <host>', 'is the host <host> reachable'], ['ping -c 4', 'four times'], ['<host>', 'the host']),
  bash('changes', 'Copies a file to another machine.', ['copy the file <source> to the server <host>', 'scp <source> to <host>', 'upload <source> to host <host> with scp'], ['scp -p', 'keeps times and rights'], ['--', 'what follows are names'], ['<source>', 'from here'], ['<host>:', 'to this host, your home folder there']),
  bash('reads', 'Does something again and again and shows the result.', ['watch the folder <path> every <seconds>', 'repeat listing <path> every <seconds>'], ['watch -n <seconds=2>', 'again after these many seconds'], ['ls -l <path=.>', 'lists the folder']),
  bash('reads', 'Shows the dates and the issuer of a server\'s certificate.', ['when does the certificate of <host> expire', 'show the tls certificate of <host>', 'check ssl certificate expiry of <host>'], ['openssl s_client -servername <host> -connect <host>:<port=443> </dev/null', 'connects by TLS'], ['| openssl x509 -noout -dates -issuer', 'shows the dates and the issuer']),
  bash('reads', 'Shows your scheduled jobs.', ['list cron jobs', 'show my crontab'], ['crontab -l', 'of this user']),
  bash('reads', 'Shows which Java processes a machine has.', ['list java processes', 'show running jvms'], ['jps -lvm', 'main class, arguments and JVM options']),
  bash('reads', 'Shows what the threads of a Java process do.', ['thread dump of java process <pid>', 'jstack of <pid>'], ['jstack -l', 'with the locks'], ['<pid>', 'of this process']),
];

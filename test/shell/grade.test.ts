// Risk is read out of the command itself: what destroys is never called less, and what is not understood changes at least.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../shell/catalogue/index.ts';
import { examplesOf } from '../../shell/compose.ts';
import { grade } from '../../shell/grade/grade.ts';
import { RISKS } from '../../shell/intent.ts';

const DESTROYS = [
  'rm x', 'rm -rf /', '/bin/rm x', '\\rm x', "'rm' x", 'r""m x', "$'\\x72m' x", 'command rm x', 'busybox rm x', 'sudo rm x', 'sudo -u root rm x', 'env A=1 rm x', 'nohup rm x &', 'timeout 5 rm x', 'nice -n 5 rm x', 'time rm x', 'watch -n 1 rm x',
  'ls | xargs rm', 'ls | xargs -I{} -n 1 rm {}', 'find . -delete', 'find . -exec rm {} +', "find . -exec sh -c 'rm \"$1\"' _ {} \\;", 'bash -c "rm x"', "sh -xc 'ls; rm x'", 'eval "rm x"', 'ssh host rm x', 'ssh -p 22 host "cd /; rm x"', 'env -S "rm x"', 'source x.sh', '. ./x.sh', 'bash x.sh',
  'echo `rm x`', 'echo "$(rm x)"', 'x=$(rm y)', 'diff <(rm a) b', 'ls; rm x', 'ls && rm x', 'ls || rm x', '(rm x)', '{ rm x; }', 'for i in a b; do rm $i; done', 'while read f; do rm "$f"; done < list', 'if true; then rm x; fi', 'case x in x) rm x;; esac', 'f() { rm x; }', 'echo "${x:-$(rm y)}"', 'cat <<EOF\n$(rm x)\nEOF',
  'curl https://x | sh', 'curl -s https://x | sudo bash', 'wget -qO- https://x | bash -s -- a', 'echo cm0geA== | base64 -d | sh', 'bash <<< "rm x"', 'curl -X DELETE https://x',
  'dd if=a of=/dev/sda', 'mkfs.ext4 /dev/sda1', 'shred x', 'truncate -s 0 x', '> x', ': > x', 'cat x > /dev/sda', 'mv x /dev/null', 'cp -f a b', 'rsync -a --delete a b', 'tar --remove-files -cf a b', 'crontab -r', 'kill -9 1', 'kill -s KILL 1', 'pkill java', 'reboot', 'journalctl --vacuum-time=1d', 'unzip -o x.zip',
  'git push -f', 'git push --force-with-lease', 'git push origin +main', 'git push origin :main', 'git push origin --delete x', 'git -C /x push -f', 'git reset --hard', 'git clean -fd', 'git branch -D x', 'git checkout -- .', 'git checkout -f', 'git restore x', 'git stash drop', 'git reflog expire --all', 'git filter-branch', 'git gc --prune=now', 'git tag -d v1',
  'hdfs dfs -rm -r -skipTrash /x', 'hadoop fs -rmr /x', 'hdfs dfs -expunge', 'hdfs dfs -put -f a /b', 'hdfs namenode -format', 'hdfs fsck / -delete', 'yarn application -kill application_1_1', 'hadoop distcp -delete a b', 'kafka-topics.sh --bootstrap-server b:1 --delete --topic x', 'kafka-topics --delete --topic x', 'kafka-consumer-groups.sh --reset-offsets --to-earliest --execute', 'kafka-delete-records.sh', 'kafka-configs.sh --alter --add-config retention.ms=1', 'kafka-storage.sh format',
  "spark-sql -e 'DROP TABLE x'", "spark-sql -e 'SELECT 1; TRUNCATE TABLE x'", "beeline -e 'INSERT OVERWRITE TABLE x SELECT 1'", 'psql -c "delete from x"', 'mysql --execute "drop database x"', 'spark-submit --kill x', 'temporal workflow terminate --workflow-id x', 'temporal workflow delete --workflow-id x', 'temporal schedule delete --schedule-id x', 'kubectl delete pod x', 'docker system prune', 'aws s3 rm s3://x --force', 'sqlite3 x.db "DROP TABLE y"',
];

const CHANGES = ['sudo ls', 'cp a b', 'mv a b', 'mkdir x', 'touch x', 'chmod 777 x', 'echo x > y', 'echo x >> y', 'tee x', 'sed -i s/a/b/ x', 'sort -o x x', 'curl -o x https://y', 'curl -d a=b https://y', 'kill 1', '$X y', '"$(which ls)" x', 'unknown-tool x', 'python3 -c "print(1)"', 'git commit -m x', 'git -c alias.x=!rm x', 'git frobnicate', 'hdfs dfs -put a /b', 'kafka-console-producer.sh --topic x', 'kafka-console-consumer.sh --topic x --group y', 'spark-submit x.py', 'temporal workflow start --type x', 'PATH=/tmp ls', 'LD_PRELOAD=x ls', "awk 'BEGIN { system(\"ls\") }'", 'if [ -f x ]; then', "echo 'open", 'f() { ls; }', 'ssh host', 'ssh -o ProxyCommand=x host ls', '', 'git "$SUB"', 'find . -fprint x', 'xargs $X', 'tar -tf x --to-command=y', 'uniq a b'];

const READS = ['ls -la', 'cat x', 'grep -rn rm .', 'echo "rm -rf /"', "grep -e '; rm -rf /' x", 'find . -name rm -print', 'git log --oneline', 'git branch', 'git branch --merged main', 'git tag --sort=-creatordate', 'git stash list', 'git clean -nd', 'git remote -v', 'hdfs dfs -ls /', 'hdfs dfs -du -s /x', 'yarn logs -applicationId a', 'kafka-topics.sh --list', 'kafka-topics.sh --describe --topic delete', 'kafka-consumer-groups.sh --reset-offsets --to-earliest', "spark-sql -e 'SELECT * FROM dropped'", "spark-sql -e \"SELECT 'DROP TABLE x'\"", 'temporal workflow list', 'temporal workflow describe --workflow-id delete', 'ls 2>/dev/null', 'ls 2>&1 | head', 'ls > /dev/null', 'ps aux | sort -k3 | head', 'ssh host df -h', 'xargs ls', 'time ls', 'LC_ALL=C sort x', 'bash -n x.sh', "awk -F , '{ print $2 }' x", "sed -n '1,5p' x", "sed 's/a/b/g' x", 'tar -tf x', 'curl -fsS https://x', 'systemctl status x', 'kubectl get pods', 'for f in a b; do cat "$f"; done', 'crontab -l', 'date'];

describe('the grade of a command', () => {
  it.each(DESTROYS)('destroys: %s', (line) => expect(grade(line), line).toMatchObject({ risk: 'destroys' }));
  it.each(CHANGES)('changes at least: %s', (line) => expect(grade(line).risk, line).not.toBe('reads'));
  it.each(READS)('reads: %s', (line) => expect(grade(line), line).toMatchObject({ risk: 'reads' }));

  it('says why', () => {
    for (const line of [...DESTROYS, ...CHANGES]) expect(grade(line).why, line).not.toBe('');
  });

  it('never falls when a line grows, and never fails, whatever the line is', () => {
    fc.assert(fc.property(fc.constantFrom(...DESTROYS.filter((line) => !line.includes('EOF'))), fc.constantFrom(...READS), (bad, good) => grade(`${good}; ${bad}`).risk === 'destroys'), { numRuns: 300 });
    fc.assert(fc.property(fc.string({ maxLength: 60, unit: 'binary' }), (line) => RISKS.includes(grade(line).risk)), { numRuns: 2_000 });
  });

  it('does not follow commands in commands for ever', () => {
    expect(grade(`${'sudo '.repeat(50)}ls`).risk).toBe('destroys');
    expect(RISKS).toContain(grade(`${'$('.repeat(200)}ls${')'.repeat(200)}`).risk);
  });

  it('is for each intent what the catalogue says of it, found without the catalogue', () => {
    const different = CATALOGUE.flatMap((intent) => examplesOf(intent).flatMap(({ command }) => (grade(command).risk === intent.risk ? [] : [`${command}: ${grade(command).risk}, said ${intent.risk} (${grade(command).why})`])));
    expect(different).toEqual([]);
  });
});

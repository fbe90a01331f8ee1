// Services that the tests of a stack need: those of the compose file whose clients it depends on.
import type { Fact } from '../contract/analysis.ts';
import type { Stack } from '../contract/pipeline.ts';
import type { Project } from './needs-project.ts';

/** By the image's name: the dependencies that speak to it. */
const CLIENTS: Readonly<Record<string, RegExp>> = {
  postgres: /^(?:pg|postgres|postgresql|psycopg.*|asyncpg|sqlalchemy|django|prisma|@prisma\/client|typeorm|sequelize|knex|org\.postgresql:postgresql.*|github\.com\/lib\/pq|github\.com\/jackc\/pgx.*|tokio-postgres|sqlx|diesel|npgsql.*|doctrine\/.*|ext-pdo_pgsql|ext-pgsql)$/i,
  mysql: /^(?:mysql2?|mysqlclient|pymysql|mysql-connector-.*|com\.mysql:.*|mysql:.*|github\.com\/go-sql-driver\/mysql|ext-pdo_mysql|ext-mysqli)$/i,
  mariadb: /^(?:mysql2?|mariadb.*|mysqlclient|pymysql|mysql-connector-.*|org\.mariadb.*|ext-pdo_mysql|ext-mysqli)$/i,
  redis: /^(?:redis|ioredis|bull|bullmq|celery|django-redis|jedis|lettuce-core|.*spring-.*redis.*|github\.com\/redis\/go-redis.*|github\.com\/go-redis\/.*|sidekiq|predis\/predis|ext-redis)$/i,
  mongo: /^(?:mongodb|mongoose|pymongo|motor|go\.mongodb\.org\/.*|mongoid|.*mongodb-driver.*|.*data-mongodb.*)$/i,
  rabbitmq: /^(?:amqplib|pika|kombu|celery|amqp-client|.*spring-.*amqp.*|github\.com\/rabbitmq\/.*|bunny|lapin)$/i,
};

/** The last part of an image's name, without registry and tag. */
const imageKind = (image: string): string => (image.split('@')[0]?.split('/').at(-1) ?? '').split(':')[0] ?? '';

/** A host name that both forges take for a service. */
const HOST = /^[A-Za-z][A-Za-z0-9-]{0,62}$/;

export function withServices(project: Project, stacks: readonly Stack[]): Stack[] {
  const images = project.factsBelow('').filter(({ kind, file, detail }) => kind === 'container' && detail.startsWith('image of service ') && /compose[^/]*\.ya?ml"?$/.test(file));
  return stacks.map((stack) => (stack.steps.test === null ? stack : { ...stack, services: servicesOf(stack, images) }));
}

function servicesOf({ dependencies }: Stack, images: readonly Fact[]): Stack['services'] {
  const seen = new Set<string>();
  return images.flatMap((evidence) => {
    const [client, name] = [CLIENTS[imageKind(evidence.name)], evidence.detail.slice('image of service '.length)];
    if (client === undefined || !HOST.test(name) || seen.has(name) || !dependencies.some((each) => client.test(each))) return [];
    seen.add(name);
    return [{ name, image: evidence.name, evidence: [evidence] }];
  });
}

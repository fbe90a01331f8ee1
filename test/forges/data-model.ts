// Issues, merge requests, comments, reviews and releases in neutral words: what the fakes of all forges serve.
import { createHash } from 'node:crypto';
import type { Answer, Asked } from './fake-forge.ts';

export interface DataIssue {
  number: number;
  title: string;
  body: string | null;
  author: string;
  state: 'open' | 'closed';
  /** A merge request. */
  merge: boolean;
  updated: number;
}

export interface DataComment {
  id: number;
  number: number;
  body: string;
  author: string;
  /** Of a line of a merge request, in this review. */
  review: number | null;
  updated: number;
}

export interface DataReview {
  id: number;
  number: number;
  body: string;
  author: string;
  state: 'APPROVED' | 'COMMENTED';
  submitted: number;
}

export interface DataAsset {
  id: number;
  name: string;
  bytes: Buffer;
  /** As the forge tells it; missing: the bytes' own. */
  size?: number;
  downloads: number;
  /** On another host. */
  away?: boolean;
}

export interface DataRelease {
  id: number;
  tag: string;
  body: string;
  updated: number;
  assets: DataAsset[];
}

/** Its clock goes on by a second with every change; nothing of it is the machine's. */
export class DataModel {
  issues: DataIssue[] = [];
  comments: DataComment[] = [];
  reviews: DataReview[] = [];
  releases: DataRelease[] = [];
  labels: { id: number; name: string }[] = [];
  milestones: { id: number; title: string }[] = [];
  #now = Date.parse('2026-01-01T00:00:00Z');
  #ids = 100;

  tick(): number {
    return (this.#now += 1000);
  }

  nextId(): number {
    return ++this.#ids;
  }

  issue(more: Partial<DataIssue> = {}): DataIssue {
    const number = this.issues.length + 1;
    const issue: DataIssue = { number, title: `Issue ${number}`, body: `Words of ${number}`, author: 'ada', state: 'open', merge: false, updated: this.tick(), ...more };
    this.issues.push(issue);
    return issue;
  }

  /** As a person who edits it does. */
  edit(issue: DataIssue, change: Partial<DataIssue>): void {
    Object.assign(issue, change, { updated: this.tick() });
  }

  comment(number: number, body: string, more: Partial<DataComment> = {}): DataComment {
    const comment: DataComment = { id: this.nextId(), number, body, author: 'bob', review: null, updated: this.tick(), ...more };
    this.comments.push(comment);
    this.#touch(number, comment.updated);
    return comment;
  }

  review(number: number, state: DataReview['state'], body = ''): DataReview {
    const review: DataReview = { id: this.nextId(), number, body, author: 'carol', state, submitted: this.tick() };
    this.reviews.push(review);
    this.#touch(number, review.submitted);
    return review;
  }

  release(tag: string, files: Record<string, Buffer>): DataRelease {
    const assets = Object.entries(files).map(([name, bytes]): DataAsset => ({ id: this.nextId(), name, bytes, downloads: 0 }));
    const release: DataRelease = { id: this.nextId(), tag, body: `Notes of ${tag}`, updated: this.tick(), assets };
    this.releases.push(release);
    return release;
  }

  #touch(number: number, at: number): void {
    const issue = this.issues.find((each) => each.number === number);
    if (issue !== undefined) issue.updated = at;
  }
}

export const iso = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** Pages by number; the next one by the header Link (RFC 8288), as all three forges have it. */
export function pageOf<T>(asked: Asked, all: readonly T[], { sizeName, usual, most }: { sizeName: string; usual: number; most: number }, told: (each: T) => unknown): Answer {
  const page = Number(asked.query.get('page') ?? 1);
  const size = Math.min(most, Number(asked.query.get(sizeName) ?? usual));
  const next = new URLSearchParams(asked.query);
  next.set('page', String(page + 1));
  const link = page * size < all.length ? { link: `<http://${asked.headers.host}${asked.path}?${next.toString()}>; rel="next"` } : {};
  return { status: 200, body: all.slice((page - 1) * size, page * size).map(told), headers: link };
}

/** What was asked for since, oldest or newest change first. */
export function changed<T extends { updated: number }>(all: readonly T[], since: string | null, direction: string | null): T[] {
  const from = since === null ? 0 : Date.parse(since);
  const found = all.filter(({ updated }) => updated >= from);
  return direction === 'asc' ? found.toSorted((one, other) => one.updated - other.updated) : found.toSorted((one, other) => other.updated - one.updated);
}

/** The answer with its ETag; 304 where the request has it already (RFC 9110, 13.1.2). */
export function withEtag(asked: Asked, answer: Answer): Answer {
  if (asked.method !== 'GET' || answer.status !== 200 || answer.body instanceof Uint8Array) return answer;
  const etag = `W/"${createHash('sha256').update(JSON.stringify(answer.body)).digest('hex')}"`;
  const headers = { ...answer.headers, etag };
  return asked.headers['if-none-match'] === etag ? { status: 304, headers } : { ...answer, headers };
}

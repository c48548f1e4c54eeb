// How do the tools ask the server? Through the same interface as any program, with the session of the page.

import { say } from './language.mjs';

const known = JSON.parse(document.getElementById('map').dataset.refusals);

/** What the server refused, in a sentence; `problem` is what it said (RFC 9457). */
export class Refusal extends Error {
  constructor(status, problem) {
    const told = say(problem.detail_zh, undefined) ?? known[(problem.type ?? '').split('/').pop()] ?? problem.detail ?? problem.title ?? `HTTP ${status}`;
    super(status === 412 ? say('数据在您查看之后已有变化，请重新检查。', 'The parcels have changed since you looked: check again.') : told);
    this.status = status;
    this.problem = problem;
  }
}

/** Calls the server and gives the body, with what `If-Match` wants for the next write. */
export async function call(method, path, body, headers = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: { Accept: 'application/json, application/problem+json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refusal(0, { detail: 'the server does not answer; nothing was changed', detail_zh: '服务器没有应答，数据没有变化。' });
  }
  const given = await answer.json().catch(() => ({}));
  if (answer.status === 401) location.assign('/sign-in');
  if (!answer.ok) throw new Refusal(answer.status, given);
  return { body: given, tag: answer.headers.get('ETag') };
}

const MOST = 20_000;

/** Parcels of a query as GeoJSON features, page after page; `more` when there are more than can be worked with here. */
export async function parcels(query, asOf, most = MOST) {
  const features = [];
  let cursor;
  do {
    const wanted = { ...query, limit: Math.min(1000, most - features.length), ...(asOf ? { as_of: asOf } : {}), ...(cursor ? { cursor } : {}) };
    const { body } = await call('POST', '/api/v1/parcels/query', wanted, { Accept: 'application/geo+json, application/problem+json' });
    features.push(...body.features);
    cursor = body.next_cursor;
  } while (cursor && features.length < most);
  return { features, more: Boolean(cursor) };
}

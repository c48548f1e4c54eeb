// A file goes in: look at it, map its columns, check it, start, watch, take the report along.

import { ask, count, element, FileColumns, say } from './columns.mjs';
import { csv, download } from './csv.mjs';

const root = document.getElementById('import');
const columns = new FileColumns(root, JSON.parse(root.dataset.columns));
const check = document.getElementById('check');
const start = document.getElementById('start');
const result = document.getElementById('result');

/** What makes this the same import as one that broke off: the file as the system names it, and how it is read. */
function key() {
  const { file } = columns;
  const text = [file.name, file.size, file.lastModified, columns.kind, columns.source, columns.parameters()].join('|');
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return `console-${file.size}-${hash.toString(16)}`;
}

const send = (parameters, headers = {}) =>
  ask(`/api/v1/${columns.kind}/records?${parameters}`, { method: 'POST', body: columns.file, headers: { 'Content-Type': 'application/octet-stream', ...headers } });

const parameters = (more) => columns.parameters({ ...(columns.source ? { source: columns.source } : {}), ...more });

function busy(is) {
  check.disabled = start.disabled = is || !columns.ready;
}

const titles = JSON.parse(root.dataset.columns);
const needs = document.getElementById('needs');
/** Says which column every row needs and none has yet, before the check does. */
function tellNeeds() {
  const missing = ['source_key', ...(columns.source ? [] : ['source'])].filter((standard) => columns.ready && !columns.means(standard));
  const words = {
    source_key: say('还没有一列对应“来源主键”：请在上面选出该系统中每行唯一的编号。', 'No column is the source key yet: choose above the number that is each row’s own in its system.'),
    source: say('请填写来源系统，或选出说明来源的列。', 'Give the source system, or choose the column that names it.'),
  };
  needs.hidden = !missing.length;
  needs.textContent = missing.map((standard) => words[standard]).join(say('', ' '));
}
document.addEventListener('columns', () => {
  busy(false);
  tellNeeds();
  result.replaceChildren();
});
document.addEventListener('mapped', tellNeeds);
root.querySelector('#source').addEventListener('input', tellNeeds);

/** The column that holds a number of rows. */
const ROWS = 3;
const row = (...cells) => element('tr', {}, ...cells.map((cell, at) => element('td', at === ROWS ? { class: 'number' } : {}, cell)));
const table = (heads, rows) => element('div', { class: 'wide' }, element('table', {},
  element('thead', {}, element('tr', {}, ...heads.map((head, at) => element('th', { scope: 'col', class: at === ROWS ? 'number' : undefined }, head)))), element('tbody', {}, ...rows)));
const severity = { reject: say('拒收', 'rejected'), flag: say('存疑', 'flagged'), note: say('提示', 'note') };

/** A column by its title, with its name in files. */
const named = (field) => {
  const title = titles[columns.kind]?.find(([name]) => name === field)?.[1];
  return title ? element('span', {}, title, ' ', element('small', { class: 'code' }, field)) : field;
};

const reasons = JSON.parse(root.dataset.reasons);
/** What to do, in the language of the page; advice on geometries names the place, which its code does not. */
const advice = ({ code, advice }) => !reasons[code] ? advice : /^(geometry|coordinate)-/.test(code) ? `${reasons[code]}（${advice}）` : reasons[code];

/** What was found, as a table. */
const findings = (found) => table(
  [say('影响', 'effect'), say('问题', 'problem'), say('列', 'column'), say('行数', 'rows'), say('例如', 'lines'), say('说明', 'what to do')],
  found.map((one) => row(
    element('span', { class: `tag ${one.severity === 'reject' ? 'bad' : ''}` }, severity[one.severity]), element('code', {}, one.code), named(one.field ?? ''), count(one.rows), one.lines.join(', '), advice(one))));

check.addEventListener('click', async () => {
  busy(true);
  result.replaceChildren(element('p', { class: 'hint', role: 'status' }, say('正在检查，不写入任何数据…', 'Checking; nothing is stored …')));
  try {
    const told = await (await send(parameters({ dry_run: 'true' }))).json();
    result.replaceChildren(
      element('p', { class: told.rejected ? 'alert' : 'notice', role: 'status', id: 'checked' }, say(
        `共 ${count(told.rows)} 行：可接收 ${count(told.accepted)}，拒收 ${count(told.rejected)}，存疑 ${count(told.flagged)}，文件内重复主键 ${count(told.repeated)}。`,
        `${count(told.rows)} rows: ${count(told.accepted)} fit, ${count(told.rejected)} would be rejected, ${count(told.flagged)} flagged, ${count(told.repeated)} repeat a key.`),
      told.would_stop ? ` ${say('拒收超过五分之一，导入会中止：请先修正文件或列的对应。', 'More than a fifth would be rejected, and the import would stop: correct the file or the columns first.')}` : ''),
      told.found.length ? findings(told.found) : '',
      told.unknown_columns.length ? element('p', { class: 'hint' }, `${say('没有对应标准列、原样保留', 'Kept as they are, no standard column')}: ${told.unknown_columns.join(', ')}`) : '',
    );
  } catch (error) {
    result.replaceChildren(element('p', { class: 'alert', role: 'alert' }, error.message));
  }
  busy(false);
});

/** Shows how far the job is while the file is still on its way. */
function watch(since) {
  const bar = element('progress', { max: columns.file.size, 'aria-label': say('进度', 'progress') });
  const told = element('p', { role: 'status', id: 'progress' }, say('已开始…', 'Started …'));
  result.replaceChildren(told, bar, element('p', { class: 'hint' }, say('请保持此页打开。中断后再次开始，会从中断处继续。', 'Keep this page open. When it breaks off, start again: it goes on where it was.')));
  let ended = false;
  const look = async () => {
    if (ended) return;
    try {
      const { jobs } = await (await ask('/api/v1/jobs?limit=20')).json();
      const job = jobs.find(({ name, started_at: at, updated_at: moved }) => name === columns.file.name && (new Date(moved) >= since || new Date(at) >= since));
      if (job && !ended) told.textContent = say(`已处理 ${count(job.rows)} 行…`, `${count(job.rows)} rows so far …`);
    } catch { /* the next look will tell */ }
    setTimeout(look, 1000);
  };
  setTimeout(look, 700);
  return () => { ended = true; };
}

start.addEventListener('click', async () => {
  busy(true);
  const end = watch(new Date(Date.now() - 2000));
  try {
    const answer = await send(parameters(), { 'Idempotency-Key': key() });
    const { job, rows } = await answer.json();
    end();
    done(job, rows);
  } catch (error) {
    end();
    result.replaceChildren(element('p', { class: 'alert', role: 'alert' }, error.message));
  }
  busy(false);
});

function done(job, rows) {
  const words = [
    [say('新建', 'created'), job.created], [say('更新', 'revised'), job.revised], [say('未变', 'unchanged'), job.unchanged], [say('拒收', 'rejected'), job.rejected],
    [say('存疑', 'flagged'), job.flagged], [say('并入已有实体', 'linked to known entities'), job.linked], [say('待审', 'for review'), job.review],
  ];
  const bad = rows.filter(({ problems }) => problems?.length);
  result.replaceChildren(
    element('p', { class: job.state === 'finished' ? 'notice' : 'alert', role: 'status', id: 'done' }, job.state === 'finished'
      ? say(`导入完成，共 ${count(job.rows)} 行。`, `The import is done: ${count(job.rows)} rows.`)
      : say(`导入中止：${job.message ?? '拒收的行太多'}。已接收的保留。`, `The import stopped: ${job.message ?? 'too many rows were rejected'}. What was good is kept.`)),
    element('dl', { class: 'figures' }, ...words.flatMap(([word, figure]) => [element('dt', {}, word), element('dd', {}, count(figure))])),
    element('p', { class: 'actions' },
      job.rejected ? element('button', { type: 'button', class: 'button quiet', id: 'report', onclick: () => rejections(job.id) }, say('下载拒收报告', 'Download the rejected rows')) : '',
      bad.length ? element('button', { type: 'button', class: 'quiet', onclick: () => report('problems.csv', bad) }, say('下载问题清单', 'Download the problems')) : '',
      job.review && 'reviews' in root.dataset ? element('a', { class: 'button quiet', href: '/reviews' }, say('去审核', 'Go to the reviews')) : '',
      element('a', { class: 'button quiet', href: '/' }, say('回首页', 'Home'))),
  );
}

/** The most rejected rows the server tells at a time. */
const AT_ONCE = 10_000;

/** All rejected rows, page after page. */
async function rejected(id) {
  const rows = [];
  for (;;) {
    const { line, row } = rows.at(-1) ?? { line: 0, row: 0 };
    const text = await (await ask(`/api/v1/jobs/${id}/rejections?limit=${AT_ONCE}&after_line=${line}&after_row=${row}`)).text();
    const page = text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    rows.push(...page);
    if (page.length < AT_ONCE) return rows;
  }
}

/** Rows with what is wrong with them, a line for each problem, for a spreadsheet. */
function report(name, rows, kind = columns.kind) {
  const head = [say('行', 'line'), say('来源主键', 'source key'), say('影响', 'effect'), say('问题', 'problem'), say('列', 'column'), say('说明', 'what to do'), say('原始内容', 'as received')];
  const title = (field) => titles[kind]?.find(([known]) => known === field)?.[1] ?? field ?? '';
  const lines = rows.flatMap(({ line, source_key, problems, raw }) => problems.map((one) => [line, source_key, severity[one.severity], one.code, title(one.field), advice(one), raw]));
  download(name, csv([head, ...lines]), 'text/csv');
}

async function rejections(id, kind) {
  try {
    report('rejected.csv', await rejected(id), kind);
  } catch (error) {
    result.prepend(element('p', { class: 'alert', role: 'alert' }, error.message));
  }
}

// Of an earlier import too; without scripts the link gives the rows as they are kept.
document.getElementById('jobs').addEventListener('click', (event) => {
  const link = event.target.closest('a[data-job]');
  if (!link) return;
  event.preventDefault();
  rejections(link.dataset.job, link.dataset.kind);
});

busy(false);

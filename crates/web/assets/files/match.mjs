// A list goes in and comes back, each row with the canonical ids it may speak of.

import { ask, count, element, FileColumns, say } from './columns.mjs';

const root = document.getElementById('match');
const columns = new FileColumns(root, JSON.parse(root.dataset.columns));
const start = document.getElementById('start');
const result = document.getElementById('result');

document.addEventListener('columns', () => {
  start.disabled = !columns.ready;
  result.replaceChildren();
});

/** Splits lines of CSV that may hold line ends within quotes; gives the number of whole records so far. */
function counter() {
  let quoted = false;
  let records = -1;
  return (text) => {
    for (const letter of text) {
      if (letter === '"') quoted = !quoted;
      else if (letter === '\n' && !quoted) records += 1;
    }
    return Math.max(0, records);
  };
}

start.addEventListener('click', async () => {
  start.disabled = true;
  const told = element('p', { role: 'status', id: 'progress' }, say('正在比对…', 'Matching …'));
  result.replaceChildren(told);
  try {
    const answer = await ask(`/api/v1/${columns.kind}/match?${columns.parameters()}`, {
      method: 'POST', body: columns.file, headers: { 'Content-Type': 'application/octet-stream', Accept: 'text/csv, application/x-ndjson;q=0.5' },
    });
    const table = answer.headers.get('Content-Type').startsWith('text/csv');
    const [reader, decoder, pieces, rows] = [answer.body.getReader(), new TextDecoder(), [], counter()];
    let lines = 0;
    let broken = false;
    for (;;) {
      // An answer that breaks off after some rows is worth them.
      const { done, value } = await reader.read().catch((error) => {
        if (!pieces.length) throw error;
        broken = true;
        return { done: true };
      });
      if (done) break;
      pieces.push(value);
      const text = decoder.decode(value, { stream: true });
      lines = table ? rows(text) : lines + text.split('\n').length - 1;
      told.textContent = say(`已比对 ${count(lines)} 行…`, `${count(lines)} rows matched …`);
    }
    const tally = { match: 0, review: 0, none: 0, rejected: 0 };
    const whole = await new Blob(pieces).text();
    for (const [, word] of whole.matchAll(table ? /,(match|review|none|rejected),[0-9a-f-]*,[\d.]*,/g : /"decision":"(match|review|none|rejected)"/g)) tally[word] += 1;
    show(pieces, table, lines, tally, broken);
  } catch (error) {
    result.replaceChildren(element('p', { class: 'alert', role: 'alert' }, error.message));
  }
  start.disabled = false;
});

function show(pieces, table, rows, tally, broken) {
  const name = `${columns.file.name.replace(/\.[^.]+$/, '')}-matched.${table ? 'csv' : 'ndjson'}`;
  // A byte order mark tells spreadsheets that the text is UTF-8.
  const address = URL.createObjectURL(new Blob(table ? ['\uFEFF', ...pieces] : pieces, { type: table ? 'text/csv' : 'application/x-ndjson' }));
  const words = [
    [say('认定为一人（一企、一宗）', 'one entity, for certain'), tally.match], [say('需人工判断', 'for a person to look at'), tally.review],
    [say('库中没有', 'nobody we know'), tally.none], [say('无法使用的行', 'rows that cannot be used'), tally.rejected],
  ];
  result.replaceChildren(
    broken
      ? element('p', { class: 'alert', role: 'alert' }, say(`应答在 ${count(rows)} 行之后中断：今天的限额可能已用完，或连接断开。已比对的各行可以下载，其余请明天或分批再比对。`, `The answer broke off after ${count(rows)} rows: the quota of today may be used up, or the connection was lost. What was matched can be downloaded; send the rest tomorrow, or in parts.`))
      : element('p', { class: 'notice', role: 'status', id: 'done' }, say(`完成，共 ${count(rows)} 行。`, `Done: ${count(rows)} rows.`)),
    element('dl', { class: 'figures' }, ...words.flatMap(([word, figure]) => [element('dt', {}, word), element('dd', {}, count(figure))])),
    element('p', { class: 'actions' }, element('a', { class: 'button', id: 'take', href: address, download: name }, say('下载结果', 'Download the answer'))),
    element('p', { class: 'hint' }, say('新增列：jiku_decision（结论）、jiku_id（统一标识）、jiku_probability（概率）、jiku_weight（权重）、第二候选与问题。', 'Columns added: decision, canonical id, probability, weight, the second candidate, and problems.')),
  );
}

start.disabled = true;

// Which file, and what do its columns mean? Shared by the pages that take a file in and that match one.

const zh = document.documentElement.lang.startsWith('zh');

/** The text in the language of the page. */
export const say = (chinese, english) => (zh ? chinese : english);

/** A number of things. */
export const count = (number) => new Intl.NumberFormat(zh ? 'zh-CN' : 'en').format(number);

/** An element with children. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
}

/** What refusals say in the language of the page, by their code; the server's own words are English. */
const refusals = JSON.parse(document.querySelector('[data-refusals]').dataset.refusals);

/** Asks the server; a refusal is thrown as a sentence. */
export async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error(say('连接中断。再次开始即可从中断处继续。', 'The connection broke off. Start again: it goes on where it was.'));
  }
  if (answer.ok) return answer;
  if (answer.status === 401) location.assign('/sign-in');
  const problem = await answer.json().catch(() => ({}));
  const place = problem.line ? say(`（第 ${problem.line} 行）`, ` (line ${problem.line})`) : '';
  const known = refusals[(problem.type ?? '').split('/').pop()];
  const told = problem.detail ?? problem.title ?? answer.status;
  throw new Error(known ? `${known}${place} (${told})` : `${told}${place}`);
}

/** The beginning of a text file is enough to see its columns; workbooks and Parquet files are read from their end. */
const HEAD = 1_000_000;
const needsWhole = (file) => /\.(xlsx|xlsm|parquet|zip|gpkg|fgb)$/i.test(file.name);

const toml = (text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;

/** The part of a page where a file is chosen and its columns are mapped. */
export class FileColumns {
  #root;
  #columns;
  #preview = null;
  #chosen = new Map();

  /** `columns` are the standard columns by kind: name and title. */
  constructor(root, columns) {
    this.#root = root;
    this.#columns = columns;
    root.querySelector('#file').addEventListener('change', () => this.look());
    root.querySelector('#kind').addEventListener('change', () => this.look());
    root.querySelector('#charset').addEventListener('change', () => this.look());
  }

  get file() { return this.#root.querySelector('#file').files[0]; }
  get kind() { return this.#root.querySelector('#kind').value; }
  get charset() { return this.#root.querySelector('#charset').value || this.#preview?.charset; }
  get source() { return this.#root.querySelector('#source')?.value.trim() ?? ''; }

  /** Shows the first rows, and what their columns most likely mean. */
  async look() {
    const place = this.#root.querySelector('#columns');
    if (!this.file) return;
    place.replaceChildren(element('p', { class: 'hint' }, say('正在读取…', 'Reading …')));
    try {
      const body = needsWhole(this.file) ? this.file : this.file.slice(0, HEAD);
      const parameters = new URLSearchParams({ file_name: this.file.name, ...(this.#root.querySelector('#charset').value ? { charset: this.#root.querySelector('#charset').value } : {}) });
      const answer = await ask(`/api/v1/${this.kind}/preview?${parameters}`, { method: 'POST', body, headers: { 'Content-Type': 'application/octet-stream' } });
      this.#preview = await answer.json();
      this.#chosen = new Map();
      const taken = new Set();
      for (const { name, meaning } of this.#preview.columns) {
        // Two columns cannot mean the same: the first one has it.
        this.#chosen.set(name, meaning && !taken.has(meaning) ? meaning : '');
        if (meaning) taken.add(meaning);
      }
      this.#show(place);
    } catch (error) {
      this.#preview = null;
      place.replaceChildren(element('p', { class: 'alert', role: 'alert' }, error.message));
    }
    document.dispatchEvent(new CustomEvent('columns'));
  }

  /** Whether a column of the file means this standard column. */
  means(standard) { return [...this.#chosen.values()].includes(standard); }

  /** Whether there is something to go on with. */
  get ready() { return Boolean(this.#preview?.rows.length); }

  #show(place) {
    const { columns, rows, format, charset } = this.#preview;
    if (!rows.length) {
      place.replaceChildren(element('p', { class: 'alert' }, say('文件里没有数据行。', 'There are no rows in the file.')));
      return;
    }
    const shown = (value) => {
      const text = value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
      return text.length > 40 ? `${text.slice(0, 40)}…` : text;
    };
    const choice = (name) => {
      const select = element('select', { 'aria-label': say(`“${name}”列的含义`, `Meaning of column ${name}`), onchange: () => { this.#chosen.set(name, select.value); document.dispatchEvent(new CustomEvent('mapped')); } },
        element('option', { value: '' }, say('保留，不对应', 'keep, no standard column')),
        ...this.#columns[this.kind].map(([standard, title]) => element('option', { value: standard, selected: this.#chosen.get(name) === standard }, `${title} · ${standard}`)));
      return select;
    };
    place.replaceChildren(
      element('p', { class: 'hint' }, `${say('格式', 'Format')} ${format}${charset ? ` · ${charset}` : ''} · ${say(`${columns.length} 列，建议的含义可以修改`, `${columns.length} columns; the meanings are proposals`)}`),
      element('div', { class: 'wide' }, element('table', { class: 'preview' },
        element('thead', {},
          element('tr', {}, ...columns.map(({ name }) => element('th', { scope: 'col' }, name))),
          element('tr', {}, ...columns.map(({ name }) => element('td', {}, choice(name))))),
        element('tbody', {}, ...rows.map((row) => element('tr', {}, ...columns.map(({ name }) => element('td', {}, shown(row[name])))))))),
    );
  }

  /** The mapping file (TOML) of what was chosen. */
  mapping() {
    const lines = [...this.#chosen].filter(([name, standard]) => standard && standard !== name).map(([name, standard]) => `${toml(name)} = ${toml(standard)}`);
    const dates = ['birth_date', 'established_on', 'valid_from'].filter((date) => [...this.#chosen.values()].includes(date));
    const patterns = dates.map((date) => `${date} = ["%Y%m%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d"]`);
    return ['trim = true', ...(lines.length ? ['[columns]', ...lines] : []), ...(patterns.length ? ['[dates]', ...patterns] : [])].join('\n');
  }

  /** The parameters of a request that sends the file. */
  parameters(more = {}) {
    const given = { file_name: this.file.name, mapping: this.mapping(), ...(this.charset ? { charset: this.charset } : {}), ...more };
    return new URLSearchParams(given);
  }
}

// What is said in the language of the page, and how numbers are written in it.

const zh = document.documentElement.lang.startsWith('zh');

/** The text in the language of the page. */
export const say = (chinese, english) => (zh ? chinese : english);

const digits = new Intl.NumberFormat(zh ? 'zh-CN' : 'en', { maximumFractionDigits: 2 });

/** A number, to two decimals. */
export const number = (value) => digits.format(value);

/** So many of something, in English words: the plural where there is not one. */
export const many = (count, one, more) => `${number(count)} ${count === 1 ? one : more}`;

/** A length in metres. */
export const length = (metres) => (metres < 10_000 ? `${number(metres)} m` : `${number(metres / 1000)} km`);

/** An area in square metres; from one hectare on also in hectares. */
export const area = (metres) => (metres < 10_000 ? `${number(metres)} m²` : `${number(metres)} m² (${number(metres / 10_000)} ha)`);

/** The classes of GB/T 21010-2017: code, colour, pattern, Chinese, English. The pattern tells them apart without colour. */
export const LAND_USES = [
  ['01', '#f0dc82', 'rows', '耕地', 'cultivated land'],
  ['02', '#c9dc85', 'dots', '园地', 'garden land'],
  ['03', '#7db86b', 'trees', '林地', 'forest'],
  ['04', '#b5dda0', 'grass', '草地', 'grassland'],
  ['05', '#e8837a', 'diagonal', '商服用地', 'commerce and services'],
  ['06', '#b59a8c', 'grid', '工矿仓储用地', 'industry, mining, storage'],
  ['07', '#f2c48d', 'plain', '住宅用地', 'housing'],
  ['08', '#dd96bb', 'plus', '公共管理与公共服务用地', 'public services'],
  ['09', '#9aa58c', 'cross', '特殊用地', 'special use'],
  ['10', '#c9c9c9', 'columns', '交通运输用地', 'transport'],
  ['11', '#9cc9e3', 'waves', '水域及水利设施用地', 'water'],
  ['12', '#e4dccf', 'backward', '其他土地', 'other land'],
];

/** A land-use code with its name. */
export const landUse = (code) => {
  const known = LAND_USES.find(([first]) => (code ?? '').startsWith(first));
  return known ? `${code} ${say(known[3], known[4])}` : code || say('未填', 'not stated');
};

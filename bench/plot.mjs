// A chart of milliseconds on a logarithmic axis: one row a question, one mark a system.
const ROW = 22;
const LEFT = 290;
const WIDTH = 560;
const TOP = 46;
const SERIES = [
  ['Loki', 'loki', '#c0504d'],
  ['VictoriaLogs', 'victoria', '#7f7f7f'],
  ['beside', 'against', '#e0a030'],
  ['Skald', 'ours', '#1f6fb2'],
];

/** `rows`: `{name, ours, loki, victoria, against}`, any of the figures may be missing. */
export function plot(rows) {
  const figures = rows.flatMap((row) => SERIES.map(([, key]) => row[key]).filter((ms) => ms > 0));
  const low = Math.floor(Math.log10(Math.min(...figures)));
  const high = Math.ceil(Math.log10(Math.max(...figures)));
  const x = (ms) => LEFT + (WIDTH * (Math.log10(Math.max(ms, 10 ** low)) - low)) / (high - low);
  const bottom = TOP + rows.length * ROW;
  const out = [];
  const text = (at, y, content, more = '') => out.push(`<text x="${at.toFixed(1)}" y="${y}" ${more}>${content}</text>`);
  for (let power = low; power <= high; power++) {
    const at = x(10 ** power);
    out.push(`<line x1="${at}" y1="${TOP - 8}" x2="${at}" y2="${bottom}" stroke="#ddd"/>`);
    text(
      at,
      TOP - 14,
      10 ** power >= 1000 ? `${10 ** power / 1000} s` : `${10 ** power} ms`,
      'text-anchor="middle" fill="#666"',
    );
  }
  rows.forEach((row, i) => {
    const y = TOP + i * ROW + ROW / 2;
    text(LEFT - 12, y + 4, row.name.replace(/&/g, '&amp;').replace(/</g, '&lt;'), 'text-anchor="end"');
    for (const [, key, colour] of SERIES) {
      if (!(row[key] > 0)) continue;
      out.push(`<circle cx="${x(row[key]).toFixed(1)}" cy="${y}" r="${key === 'ours' ? 6 : 4.5}" fill="${colour}"/>`);
    }
  });
  let at = LEFT;
  for (const [name, key, colour] of SERIES) {
    if (!rows.some((row) => row[key] > 0)) continue;
    out.push(`<circle cx="${at}" cy="${bottom + 20}" r="5" fill="${colour}"/>`);
    text(at + 10, bottom + 24, name);
    at += 120;
  }
  const [width, height] = [LEFT + WIDTH + 40, bottom + 40];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>${out.join('\n')}</svg>\n`
  );
}

// Charts as SVG text.
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

/** Milliseconds on a logarithmic axis, one row a question, one mark a system. `rows`: `{name, ours, loki, victoria, against}`, any of the figures may be missing. */
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
  return svg('What questions take', LEFT + WIDTH + 40, bottom + 40, out);
}

const COLOURS = ['#1f6fb2', '#c0504d', '#6a9a3c', '#7f60a0', '#e0a030', '#3aa0a0', '#7f7f7f', '#b05f9f', '#404040'];
const BOX = { left: 70, top: 24, width: 460, height: 320 };

/** One line for each of `{name, points: [x, y][]}`, both axes logarithmic; `titles` of the axes. */
export function linePlot(lines, titles) {
  const scale = (values, from, length) => {
    const [low, high] = [Math.log2(Math.min(...values)), Math.log2(Math.max(...values))];
    return (value) => from + (length * (Math.log2(value) - low)) / (high - low || 1);
  };
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(([at]) => at)))];
  const ys = lines.flatMap(({ points }) => points.map(([, value]) => value));
  const ticks = [1, 3, 10, 30, 100, 300, 1000, 3000].filter(
    (ms) => ms < 2 * Math.max(...ys) && 2 * ms > Math.min(...ys),
  );
  const x = scale(xs, BOX.left, BOX.width);
  const y = scale([...ys, ...ticks], BOX.top + BOX.height, -BOX.height);
  const bottom = BOX.top + BOX.height;
  const out = xs.map((at) => `<text x="${x(at)}" y="${bottom + 18}" text-anchor="middle">${at.toFixed(1)}</text>`);
  out.push(`<text x="${BOX.left + BOX.width / 2}" y="${bottom + 36}" text-anchor="middle">${titles.x}</text>`);
  for (const ms of ticks) {
    out.push(`<line x1="${BOX.left}" y1="${y(ms)}" x2="${BOX.left + BOX.width}" y2="${y(ms)}" stroke="#ddd"/>`);
    out.push(`<text x="${BOX.left - 8}" y="${y(ms) + 4}" text-anchor="end">${ms} ${titles.y}</text>`);
  }
  lines.forEach(({ name, points }, i) => {
    const path = points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    const colour = COLOURS[i % COLOURS.length];
    out.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    const [legend, row] = [BOX.left + BOX.width + 20, BOX.top + 10 + i * 20];
    out.push(`<line x1="${legend}" y1="${row}" x2="${legend + 20}" y2="${row}" stroke="${colour}" stroke-width="2"/>`);
    out.push(`<text x="${legend + 26}" y="${row + 4}">${name}</text>`);
  });
  return svg('What questions take as data grows', BOX.left + BOX.width + 280, bottom + 50, out);
}

function svg(title, width, height, parts) {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="sans-serif" font-size="12"><title>${title}</title><rect width="100%" height="100%" fill="white"/>${parts.join('\n')}</svg>\n`
  );
}

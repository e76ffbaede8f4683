'use strict';
const runs = new Map(), chosen = new Set();
const get = id => document.getElementById(id);

// ---- what is made of parts: text is always text, never HTML ----
const made = (name, attributes = {}, ...parts) => {
  const svg = ['svg', 'g', 'path', 'line', 'text', 'title', 'desc', 'circle'].includes(name);
  const one = svg ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith('on')) one.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) one.setAttribute(key, value === true ? '' : value);
  one.append(...parts.filter(part => part != null));
  return one;
};
const number = (value, places = 1) => value == null ? '–' : value.toFixed(places);
const span = seconds => seconds == null ? '–' : seconds < 90 ? `${seconds.toFixed(0)} s`
  : seconds < 5400 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
const ask = async (path, query = {}, options = {}) => {
  const answer = await fetch(`${path}?${new URLSearchParams(query)}`, options);
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => null);
  throw new Error(told?.error ?? `The page can't be answered (${answer.status}).`);
};

// ---- charts ----
const inks = ['blue', 'vermilion', 'green', 'purple', 'orange', 'sky', 'ochre', 'grey'], dashes = ['', '9 4', '5 3', '1.5 3.5'];
let charts = 0;
const ticks = (low, high, wanted = 5) => {
  if (high - low < 1e-12) [low, high] = [low - 0.5, high + 0.5];
  const rough = (high - low) / wanted, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(one => one * power).find(one => one >= rough * (1 - 1e-9));
  const first = Math.floor(low / step + 1e-9), last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => +((first + i) * step).toPrecision(10));
};
// Lines are [name, [[x, y], …]]; names stand at their ends, moved apart where they would meet.
const chart = (title, up, lines) => {
  lines = lines.filter(([, points]) => points.length > 0);
  if (lines.length === 0) return null;
  const width = 560, high = 280, left = 58, right = 150, top = 30, bottom = 40, id = `chart-${++charts}`;
  const all = lines.flatMap(([, points]) => points);
  const extent = which => all.reduce(([low, high], point) => [Math.min(low, point[which]), Math.max(high, point[which])], [Infinity, -Infinity]);
  const across = ticks(...extent(0)), upward = ticks(...extent(1));
  const x = value => left + (value - across[0]) / (across.at(-1) - across[0]) * (width - left - right);
  const y = value => high - bottom - (value - upward[0]) / (upward.at(-1) - upward[0]) * (high - top - bottom);
  const words = (x, y, text, anchor = 'start', ink = 'muted') =>
    made('text', { x, y, 'text-anchor': anchor, 'font-size': 11, class: `f-${ink}` }, text);
  const svg = made('svg', { class: 'chart', viewBox: `0 0 ${width} ${high}`, role: 'img', 'aria-labelledby': `${id}-t ${id}-d` },
    made('title', { id: `${id}-t` }, title),
    made('desc', { id: `${id}-d` }, lines.map(([name, points]) => `${name}: ${+points.at(-1)[1].toPrecision(4)}`).join('; ')),
    words(8, 16, title, 'start', 'text'));
  for (const tick of upward) svg.append(made('line', { x1: left, x2: width - right, y1: y(tick), y2: y(tick), class: 's-grid' }), words(left - 6, y(tick) + 4, `${tick}`, 'end'));
  for (const tick of across) svg.append(words(x(tick), high - bottom + 16, `${tick}`, 'middle'));
  svg.append(words((left + width - right) / 2, high - 6, 'epochs', 'middle', 'text'),
    made('text', { transform: `translate(13 ${(high - bottom + top) / 2}) rotate(-90)`, 'text-anchor': 'middle', 'font-size': 11, class: 'f-text' }, up));
  const ends = lines.map(([name, points], i) => ({ name, i, at: y(points.at(-1)[1]) })).sort((a, b) => a.at - b.at);
  ends.forEach((end, i) => { end.to = i ? Math.max(end.at, ends[i - 1].to + 14) : end.at; });
  for (let i = ends.length - 1; i >= 0; i--) ends[i].to = Math.min(ends[i].to, i === ends.length - 1 ? high - bottom : ends[i + 1].to - 14);
  for (const { name, i, at, to } of ends) {
    const look = { class: `s-${inks[i % inks.length]}`, 'stroke-width': 2, 'stroke-dasharray': dashes[Math.floor(i / inks.length) % 4] || false };
    svg.append(made('path', { ...look, 'stroke-linejoin': 'round', d: 'M' + lines[i][1].map(([a, b]) => `${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join('L') }),
      made('path', { class: look.class, 'stroke-width': 1, 'stroke-opacity': 0.5, d: `M${x(lines[i][1].at(-1)[0]) + 2} ${at}L${width - right + 10} ${to}` }),
      words(width - right + 13, to + 4, name.length > 24 ? name.slice(0, 23) + '…' : name, 'start', 'text'));
  }
  return made('figure', {}, svg);
};
const panels = lines => {
  const named = prefix => Object.entries(lines).filter(([name]) => name.startsWith(prefix));
  const percent = points => points.map(([a, b]) => [a, 100 * b]);
  const losses = named('train/').filter(([name]) => name !== 'train/accuracy').map(([name, points]) => [name.slice(6), points]);
  const right = [...named('held-out'), ...named('train/accuracy').map(([, points]) => ['training batches', points])];
  return made('div', { class: 'panels' }, chart('Right', '%', right.map(([name, points]) => [name, percent(points)])),
    chart('Losses', 'mean over the epoch', losses), chart('Learning rate', 'rate', named('learning-rate')));
};

// ---- the list ----
const states = { training: 'training', stopped: 'stopped', done: 'done' };
const link = run => made('a', { href: `#run=${encodeURIComponent(run.id)}` }, run.name);
const progress = run => {
  const part = run.planned ? Math.min(1, run.epochs / run.planned) : 0;
  return made('td', {}, run.planned ? made('span', { class: 'bar', 'aria-hidden': 'true' }, made('i', { style: `width:${100 * part}%` })) : null,
    `${run.epochs}${run.planned ? ` of ${run.planned}` : ''}`);
};
const row = run => made('tr', {},
  made('td', {}, made('input', { type: 'checkbox', 'aria-label': `compare ${run.id}`, checked: chosen.has(run.id),
    onchange: event => { event.target.checked ? chosen.add(run.id) : chosen.delete(run.id); get('compare').disabled = chosen.size !== 2; } })),
  made('th', { scope: 'row' }, link(run)), made('td', {}, made('span', { class: `state ${run.state}` }, states[run.state] ?? run.state),
    run.problems.length ? ' (damaged)' : ''),
  made('td', {}, run.method ?? '–'), made('td', {}, run.student ?? '–'), made('td', { class: 'n' }, `${run.seed ?? '–'}`), progress(run),
  made('td', { class: 'n' }, number(run.heldOut)), made('td', { class: 'n' }, number(run.top1, 2)), made('td', { class: 'n' }, span(run.seconds)));
const heads = ['', 'run', 'state', 'method', 'network', '#seed', 'epochs', '#held out, %', '#test, %', '#time'];
const table = own => made('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': `runs in ${own[0].folder || 'the folder'}` },
  made('table', {}, made('thead', {}, made('tr', {}, ...heads.map(head => head === '' ? made('td') : made('th', { scope: 'col', class: head[0] === '#' && 'n' }, head.replace('#', ''))))),
    made('tbody', {}, ...own.map(row))));
// Methods by seeds, where there are several of both: a table that fills. Runs on other data, or of other networks, are other rows.
const grid = own => {
  const several = key => new Set(own.map(run => run[key])).size > 1;
  const named = run => [run.method ?? '–', ...['student', 'data'].filter(several).map(key => run[key] ?? '–')].join(', ');
  const [rows, seeds] = [[...new Set(own.map(named))], [...new Set(own.map(run => run.seed))].sort((a, b) => a - b)];
  if (rows.length < 2 || seeds.length < 2) return null;
  const one = (run, name) => {
    const told = run.top1 != null ? number(run.top1, 2) : `${run.epochs}${run.planned ? `/${run.planned}` : ''}`;
    return made('a', { href: `#run=${encodeURIComponent(run.id)}`, class: `state ${run.state}`,
      'aria-label': `${name}, seed ${run.seed}: ${run.state}, ${told}` }, told);
  };
  const cell = (name, seed) => {
    const all = own.filter(run => named(run) === name && run.seed === seed);
    return made('td', {}, ...all.length === 0 ? ['–'] : all.length === 1 ? [one(all[0], name)] : [`${all.length} runs`]);
  };
  return made('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': `methods by seeds in ${own[0].folder}` },
    made('table', { class: 'grid' },
      made('thead', {}, made('tr', {}, made('td'), ...seeds.map(seed => made('th', { scope: 'col' }, `seed ${seed ?? '–'}`)))),
      made('tbody', {}, ...rows.map(name => made('tr', {}, made('th', { scope: 'row' }, name), ...seeds.map(seed => cell(name, seed)))))));
};
const list = () => {
  const words = get('words').value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = [...runs.values()].filter(run => {
    const text = [run.id, run.state, run.method, run.student, run.data].join(' ').toLowerCase();
    return words.every(word => text.includes(word));
  }).sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  const folders = new Map();
  for (const run of shown) folders.set(run.folder, [...folders.get(run.folder) ?? [], run]);
  const focused = document.activeElement?.getAttribute('aria-label');
  get('folders').replaceChildren(...[...folders].flatMap(([folder, own]) =>
    [made('h2', {}, folder || 'The folder itself'), grid(own), table(own)].filter(Boolean)));
  if (focused) [...get('folders').querySelectorAll('[aria-label]')].find(one => one.getAttribute('aria-label') === focused)?.focus();
  get('none').hidden = runs.size > 0;
};

// ---- a run ----
let open = null;
const fact = (what, value) => made('tr', {}, made('th', { scope: 'row' }, what), made('td', {}, value));
const failed = error => made('p', { class: 'error', role: 'alert' }, error.message);
const shownRun = async id => {
  const told = await (await ask('run', { id })).json(), run = told.run, closer = made('div', { id: 'closer' });
  const button = made('button', { type: 'button', onclick: async () => {
    button.disabled = true; button.textContent = 'Looking …';
    try { closer.innerHTML = await (await ask('look', { id })).text(); button.remove(); }
    catch (error) { closer.replaceChildren(failed(error)); button.disabled = false; button.textContent = 'Look at its images'; }
  } }, 'Look at its images');
  return [made('p', {}, made('a', { href: '#' }, '← all runs')), made('h2', {}, run.id),
    made('p', {}, made('span', { class: `state ${run.state}` }, run.state), `, ${run.epochs}${run.planned ? ` of ${run.planned}` : ''} epochs${run.stage ? `, stage '${run.stage}'` : ''}, ${span(run.seconds)}`),
    ...run.problems.map(problem => made('p', { class: 'problem' }, problem)), made('div', { id: 'curves' }, panels(told.lines)),
    told.result && made('table', { class: 'facts' }, made('tbody', {}, fact('Test, selected epoch', `${number(told.result.top1Selected, 2)} % of ${told.result.testImages}`),
      fact('Test, last epoch', `${number(told.result.top1, 2)} %`), fact('Class means', `${number(told.result.ncm, 2)} %`), fact('Machine', told.result.machine))),
    run.hasNetwork && tried(id), run.hasNetwork && button, closer,
    told.recipe && made('details', {}, made('summary', {}, 'The recipe'), made('pre', { tabindex: 0 }, told.recipe))];
};
const tried = id => {
  const answers = made('div', { class: 'answers', 'aria-live': 'polite' });
  const strip = (title, near) => made('div', {}, made('h3', {}, title), made('ul', { class: 'tiles' }, ...near.map(one =>
    made('li', {}, made('img', { src: one.picture, alt: one.class }), made('span', {}, `${one.class}, ${one.distance.toFixed(2)}`)))));
  const show = async file => {
    if (!file) return;
    answers.replaceChildren(made('p', {}, 'Asking …'));
    try {
      const said = await (await ask('try', { id }, { method: 'POST', body: file })).json();
      const mine = made('img', { class: 'mine', alt: 'your image', src: URL.createObjectURL(file) });
      answers.replaceChildren(mine, said.classes ? made('table', {}, made('tbody', {}, ...said.classes.map(one =>
        made('tr', {}, made('th', { scope: 'row' }, one.name), made('td', { class: 'n' }, `${(100 * one.probability).toFixed(1)} %`))))) : made('p', {}, 'It has no classifier.'),
      strip('Nearest training images by the student', said.student), ...said.teacher ? [strip(`… by the teacher (${said.teacherName})`, said.teacher)] : []);
    } catch (error) { answers.replaceChildren(failed(error)); }
  };
  const input = made('input', { type: 'file', accept: 'image/*', id: 'file', onchange: event => show(event.target.files[0]) });
  const drop = made('div', { id: 'drop',
    ondragover: event => { event.preventDefault(); drop.classList.add('over'); }, ondragleave: () => drop.classList.remove('over'),
    ondrop: event => { event.preventDefault(); drop.classList.remove('over'); show(event.dataTransfer.files[0]); } },
  made('p', {}, made('label', { for: 'file' }, 'Try it: drop an image here, paste one, or choose a file. '), input), answers);
  paste = show;
  return drop;
};
let paste = null;
document.addEventListener('paste', event => paste?.([...event.clipboardData.files].find(file => file.type.startsWith('image/'))));
const shownTwo = async (first, second) => {
  const told = await (await ask('compare', { first, second })).json(), lines = {};
  const both = (name, key, factor, up) => chart(name, up, [[first, told.first.lines[key]], [second, told.second.lines[key]]]
    .filter(([, points]) => points).map(([run, points]) => [run.split('/').at(-1), points.map(([a, b]) => [a, factor * b])]));
  const result = (name, { run }) => fact(name, [run.top1 != null && `${number(run.top1, 2)} % of the test`,
    run.heldOut != null && `${number(run.heldOut)} % of the held-out images`, `${run.epochs} epochs`, span(run.seconds)].filter(Boolean).join(', '));
  return [made('p', {}, made('a', { href: '#' }, '← all runs')), made('h2', {}, `${first} and ${second}`),
    made('table', { class: 'facts' }, made('tbody', {}, result(first, told.first), result(second, told.second),
      told.gain && fact('The second over the first', `${number(told.gain.points, 2)} points on the same ${told.gain.images} images (95 %: ${number(told.gain.low, 2)} to ${number(told.gain.high, 2)})`))),
    made('div', { class: 'panels' }, both('Right on held-out images', 'held-out', 100, '%'), both('Right on the training batches', 'train/accuracy', 100, '%'), both('Loss', 'train/loss', 1, 'weighted sum')),
    made('h3', {}, 'What differs in their recipes'), told.differences?.length ? made('ul', {}, ...told.differences.map(one => made('li', {}, one))) : made('p', {}, 'Nothing.')];
};

// ---- where the page is ----
const place = () => {
  const query = new URLSearchParams(location.hash.slice(1));
  return query.has('run') ? { one: query.get('run') } : query.has('compare') ? { two: query.getAll('compare') } : {};
};
const show = async () => {
  const { one, two } = place();
  get('list').hidden = Boolean(one || two);
  get('one').hidden = !(one || two);
  paste = null;
  if (!one && !two) { open = null; list(); return; }
  const mine = open = one ?? two.join('\n');
  get('one').replaceChildren(made('p', {}, 'Reading …'));
  let parts;
  try { parts = one ? await shownRun(one) : await shownTwo(...two); }
  catch (error) { parts = [made('p', {}, made('a', { href: '#' }, '← all runs')), failed(error)]; }
  if (open === mine) get('one').replaceChildren(...parts.filter(Boolean));
};
// What is open grows in place, so that what was asked and looked at meanwhile stays.
const grown = async id => {
  try {
    const told = await (await ask('run', { id })).json();
    if (open !== id) return;
    if (told.run.state !== runs.get(id)?.shown) { runs.get(id).shown = told.run.state; show(); return; }
    get('curves')?.replaceChildren(panels(told.lines));
  } catch { /* It is gone; the list says so. */ }
};
window.addEventListener('hashchange', show);
get('words').addEventListener('input', list);
get('filter').addEventListener('submit', event => event.preventDefault());
get('compare').addEventListener('click', () => { location.hash = new URLSearchParams([...chosen].map(id => ['compare', id])); });

const events = new EventSource('events');
events.addEventListener('open', () => { get('link').textContent = 'live'; runs.clear(); });
events.addEventListener('error', () => { get('link').textContent = 'not connected: the command has ended, or is starting again'; });
events.addEventListener('folder', event => { get('folder').textContent = JSON.parse(event.data).root; });
events.addEventListener('runs', event => {
  const { changed, gone } = JSON.parse(event.data);
  for (const id of gone) runs.delete(id);
  for (const run of changed) runs.set(run.id, { ...run, shown: runs.get(run.id)?.state ?? run.state });
  if (open === null) list();
  else if (changed.some(run => run.id === open)) grown(open);
  document.body.dataset.state = 'ready';
});
show();

'use strict';
// The map: the image at the pointer, or at the place that the arrow keys have reached.
const map = document.querySelector('.map');
if (map) {
  const { side, columns, sprite, words } = JSON.parse(document.getElementById('map-data').textContent);
  const svg = map.querySelector('svg'), hover = map.querySelector('.hover'), said = document.getElementById('map-words');
  const marks = [...svg.querySelectorAll('circle, polygon')];
  const places = marks.map(mark => { const box = mark.getBBox(); return { x: box.x + box.width / 2, y: box.y + box.height / 2 }; });
  const zoom = 96 / side, picture = hover.querySelector('.picture');
  picture.style.backgroundImage = `url("${sprite}")`;
  picture.style.backgroundSize = `${columns * side * zoom}px auto`;
  let at = -1;

  const show = (next, aloud) => {
    if (at >= 0) marks[at].classList.remove('at');
    at = next;
    hover.hidden = at < 0;
    if (at < 0) return;
    marks[at].classList.add('at');
    picture.style.backgroundPosition = `${-(at % columns) * side * zoom}px ${-Math.floor(at / columns) * side * zoom}px`;
    hover.querySelector('p').textContent = words[at];
    if (aloud) said.textContent = words[at];
    const scale = svg.clientWidth / svg.viewBox.baseVal.width, { x, y } = places[at];
    hover.style.left = `${Math.min(x * scale + 12, map.clientWidth - hover.offsetWidth)}px`;
    hover.style.top = `${y * scale + 12}px`;
  };
  // The nearest place that a test lets pass; far off the way counts twice.
  const nearest = (x, y, passes, cost) => {
    let best = -1, least = Infinity;
    places.forEach((place, i) => {
      const [dx, dy] = [place.x - x, place.y - y];
      if (passes(dx, dy, i) && cost(dx, dy) < least) { least = cost(dx, dy); best = i; }
    });
    return best;
  };
  map.addEventListener('pointermove', event => {
    const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width;
    const near = nearest((event.clientX - box.left) / scale, (event.clientY - box.top) / scale,
      (dx, dy) => Math.hypot(dx, dy) < 14, Math.hypot);
    if (near !== at) show(near, false);
  });
  map.addEventListener('pointerleave', () => show(-1, false));
  map.addEventListener('blur', () => show(-1, false));
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  map.addEventListener('keydown', event => {
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    const from = at < 0 ? { x: 0, y: 0 } : places[at];
    const along = (dx, dy) => dx * way[0] + dy * way[1], across = (dx, dy) => Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
    const next = at < 0 ? 0 : nearest(from.x, from.y, (dx, dy, i) => i !== at && along(dx, dy) > 0,
      (dx, dy) => along(dx, dy) + 2 * across(dx, dy));
    if (next >= 0) show(next, true);
  });
}

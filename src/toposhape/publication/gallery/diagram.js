// Persistence diagrams as SVG: death to the right, birth upwards, a mark of its own for each degree.

const DEGREES = [
  { name: "H0", one: "piece", many: "pieces", colour: "#0072b2", mark: markCircle },
  { name: "H1", one: "handle", many: "handles", colour: "#c24e00", mark: markSquare },
  { name: "H2", one: "cavity", many: "cavities", colour: "#00805d", mark: markDiamond },
];
const SIDE = 360;
const MARGIN = { left: 62, right: 10, top: 10, bottom: 42 };

function markCircle(x, y, r) {
  return `M${x - r},${y}a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0z`;
}

function markSquare(x, y, r) {
  const s = 0.9 * r;
  return `M${x - s},${y - s}h${2 * s}v${2 * s}h${-2 * s}z`;
}

function markDiamond(x, y, r) {
  const s = 1.3 * r;
  return `M${x},${y - s}l${s},${s}l${-s},${s}l${-s},${-s}z`;
}

/** A square of values, in whole twentieths, that holds zero and all points of the given lists. */
function diagramLimits(lists) {
  let [low, high] = [-0.05, 0.05];
  for (const value of lists.flat(2)) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [Math.floor(20 * low - 0.2) / 20, Math.ceil(20 * high + 0.2) / 20];
}

/**
 * Draw into an SVG element.
 * @param points by degree [death, birth, death, birth, ...].
 * @param limits of both axes.
 * @param test points of a test shape, to compare with, or null.
 * @param paths by degree a list of polylines [[death, birth], ...], the way of a walk's points.
 */
function drawDiagram(svg, points, limits, test, paths = [[], [], []]) {
  const [low, high] = limits;
  const inner = SIDE - MARGIN.left - MARGIN.right;
  const scale = inner / (high - low);
  const x = (value) => Math.round(10 * (MARGIN.left + (value - low) * scale)) / 10;
  const y = (value) => Math.round(10 * (MARGIN.top + (high - value) * scale)) / 10;
  const marks = DEGREES.map((degree, k) => {
    const path = (values, r) => pairs(values).map(([d, b]) => degree.mark(x(d), y(b), r)).join("");
    const ways = paths[k].map((way) => `M${way.map(([d, b]) => `${x(d)},${y(b)}`).join("L")}`);
    return (
      `<path class="way" stroke="${degree.colour}" d="${ways.join("")}"/>` +
      (test ? `<path class="test" d="${path(test[k], 5)}"/>` : "") +
      `<path class="mark" fill="${degree.colour}" d="${path(points[k], 4.5)}"/>`
    );
  });
  svg.innerHTML = axes(low, high, x, y) + marks.join("");
  svg.setAttribute("aria-label", describeDiagram(points));
}

function axes(low, high, x, y) {
  const [left, right, top, bottom] = [x(low), x(high), y(high), y(low)];
  const lines = ticks(low, high).map((value) => {
    const text = String(Math.round(1000 * value) / 1000).replace("-", "\u2212");
    return (
      `<path class="grid" d="M${x(value)},${top}V${bottom}M${left},${y(value)}H${right}"/>` +
      `<text x="${x(value)}" y="${bottom + 15}" text-anchor="middle">${text}</text>` +
      `<text x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${text}</text>`
    );
  });
  return (
    `<rect class="lasting" x="${left}" y="${top}" width="${x(0) - left}" height="${y(0) - top}"/>` +
    `<path class="below" d="M${left},${bottom}L${right},${top}V${bottom}z"/>` +
    lines.join("") +
    `<path class="zero" d="M${x(0)},${top}V${bottom}M${left},${y(0)}H${right}"/>` +
    `<path class="diagonal" d="M${left},${bottom}L${right},${top}"/>` +
    `<text class="axis" x="${(left + right) / 2}" y="${bottom + 34}" text-anchor="middle">death</text>` +
    `<text class="axis" transform="translate(11,${(top + bottom) / 2})rotate(-90)" ` +
    'text-anchor="middle">birth</text>'
  );
}

function ticks(low, high) {
  const step = [0.02, 0.05, 0.1, 0.2, 0.5, 1].find((size) => (high - low) / size <= 7) ?? 2;
  const first = Math.ceil(low / step);
  const all = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => first + i);
  return all.map((i) => i * step).filter((value) => value > low + 0.04 * (high - low));
}

function pairs(values) {
  return Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i], values[2 * i + 1]]);
}

function describeDiagram(points) {
  const counts = DEGREES.map(
    ({ name }, k) => `${count(points[k].length / 2, "point", "points")} of ${name}`,
  );
  return `Persistence diagram: ${counts.join(", ")}`;
}

/** The ways of a walk's points: by degree polylines of points that follow each other. */
function threadPaths(walk) {
  return DEGREES.map((_, k) => {
    const done = [];
    let growing = new Map();
    walk.threads.forEach((threads, step) => {
      const [here, there] = [0, 1].map((i) => pairs(walk.frames[step + i].points[k]));
      const next = new Map();
      for (const [from, to] of threads[k]) {
        const way = growing.get(from) ?? [here[from]];
        if (way.length === 1) done.push(way);
        way.push(there[to]);
        next.set(to, way);
      }
      growing = next;
    });
    return done;
  });
}

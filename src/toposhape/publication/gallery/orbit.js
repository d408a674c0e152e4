// The camera of toposhape.publication.pictures.rendering, turned by mouse, touch and keys.

const DEFAULT_VIEW = { azimuth: 32, elevation: 22, zoom: 1 };
const DISTANCE = 6;
const HALF_HEIGHT = 1.02;
const TARGET = [0, -0.03, 0];
const KEY_TURN = 10; // degrees
const TURN_PER_PIXEL = 0.45;

/** Column-major projection of what a camera at `view` sees. */
function viewMatrix({ azimuth, elevation, zoom }, aspect) {
  const [a, e] = [azimuth, elevation].map((angle) => (angle * Math.PI) / 180);
  const backward = [Math.sin(a) * Math.cos(e), Math.sin(e), Math.cos(a) * Math.cos(e)];
  const right = [Math.cos(a), 0, -Math.sin(a)];
  const up = cross(backward, right);
  const dot = (p, q) => p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
  const scale = (DISTANCE / HALF_HEIGHT) * zoom * Math.min(1, aspect);
  const [near, far] = [3, 10];
  const depth = [-(far + near) / (far - near), (-2 * far * near) / (far - near)];
  const column = (k) => [
    (scale / aspect) * right[k], scale * up[k], depth[0] * backward[k], -backward[k],
  ];
  const away = dot(backward, TARGET) + DISTANCE;
  return new Float32Array([
    ...column(0), ...column(1), ...column(2),
    (-scale / aspect) * dot(right, TARGET), -scale * dot(up, TARGET),
    -depth[0] * away + depth[1], away,
  ]);
}

/** Let people turn what `viewer` shows. */
function makeTurnable(viewer) {
  const { canvas } = viewer;
  const fingers = new Map();
  const turn = (azimuth, elevation, zoom = 1) => {
    const { view } = viewer;
    view.azimuth = (view.azimuth + azimuth) % 360;
    view.elevation = Math.min(89, Math.max(-60, view.elevation + elevation));
    view.zoom = Math.min(6, Math.max(0.6, view.zoom * zoom));
    viewer.redraw();
  };
  const spread = () => {
    const [p, q] = [...fingers.values()];
    return q ? Math.hypot(p.x - q.x, p.y - q.y) : 0;
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  canvas.addEventListener("pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    const before = spread();
    const [dx, dy] = [event.clientX - finger.x, event.clientY - finger.y];
    Object.assign(finger, { x: event.clientX, y: event.clientY });
    if (before) turn(0, 0, spread() / before);
    else turn(-TURN_PER_PIXEL * dx, TURN_PER_PIXEL * dy);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== canvas) return; // the page scrolls
    event.preventDefault();
    turn(0, 0, Math.exp(-0.002 * event.deltaY));
  }, { passive: false });
  canvas.addEventListener("dblclick", () => resetView(viewer));
  canvas.addEventListener("keydown", (event) => {
    const turns = {
      ArrowLeft: [KEY_TURN, 0], ArrowRight: [-KEY_TURN, 0],
      ArrowUp: [0, KEY_TURN], ArrowDown: [0, -KEY_TURN],
      "+": [0, 0, 1.2], "=": [0, 0, 1.2], "-": [0, 0, 1 / 1.2],
    };
    if (event.key === "Home") resetView(viewer);
    else if (turns[event.key]) turn(...turns[event.key]);
    else return;
    event.preventDefault();
  });
}

function resetView(viewer) {
  viewer.view = { ...DEFAULT_VIEW };
  viewer.redraw();
}

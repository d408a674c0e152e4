// The light of toposhape.publication.pictures.rendering on the graphics card: a key light, and a sky of
// SKY_LIGHTS directions, each with a depth map of its own, which darkens corners and undersides.

const SKY_LIGHTS = 24;
const LIGHTS = SKY_LIGHTS + 1; // the last one is the key light
const LIGHT_REACH = 1.75; // half width of the depth maps; a shape in [-1, 1]^3 is within 1.74

const DEPTH_VERTEX = `#version 300 es
  layout(location = 0) in vec3 position;
  uniform mat4 light;
  out vec3 place;
  void main() { place = position; gl_Position = light * vec4(position, 1.0); }`;

const DEPTH_FRAGMENT = `#version 300 es
  precision highp float;
  in vec3 place;
  uniform float cut;
  void main() { if (place.z > cut) discard; }`;

const SURFACE_VERTEX = `#version 300 es
  layout(location = 0) in vec3 position;
  layout(location = 1) in vec3 normal;
  uniform mat4 view;
  centroid out vec3 place, direction;
  void main() { place = position; direction = normal; gl_Position = view * vec4(position, 1.0); }`;

const LIGHT_CODE = `#version 300 es
  precision highp float;
  precision highp sampler2DArrayShadow;
  const int SKY = ${SKY_LIGHTS};
  uniform mat4 lights[${LIGHTS}];
  uniform vec3 towards[${LIGHTS}];
  uniform sampler2DArrayShadow shadows;
  float reached(int i, vec3 p, vec2 shift) {
    vec3 q = (lights[i] * vec4(p, 1.0)).xyz * 0.5 + 0.5;
    return texture(shadows, vec4(q.xy + shift, float(i), q.z - 0.0025));
  }
  float keyReached(vec3 p) {
    float sum = 0.0;
    for (int i = 0; i < 16; i++) {
      float angle = 2.39996 * float(i), radius = 0.009 * sqrt(float(i) + 0.5) / 4.0;
      sum += reached(SKY, p, radius * vec2(cos(angle), sin(angle)));
    }
    return sum / 16.0;
  }`;

const SURFACE_FRAGMENT = `${LIGHT_CODE}
  centroid in vec3 place, direction;
  uniform float cut;
  uniform vec3 albedo, inside;
  out vec4 colour;
  void main() {
    if (place.z > cut) discard;
    vec3 n = normalize(direction) * (gl_FrontFacing ? 1.0 : -1.0);
    vec3 p = place + 0.012 * n;
    float sky = 0.0, weight = 1e-4;
    for (int i = 0; i < SKY; i++) {
      float cosine = max(dot(n, towards[i]), 0.0);
      sky += cosine * (towards[i].y > 0.0 ? 1.0 : 0.45) * reached(i, p, vec2(0.0));
      weight += cosine;
    }
    float key = max(dot(n, towards[SKY]), 0.0) * keyReached(p);
    vec3 base = pow(gl_FrontFacing ? albedo : inside, vec3(2.2));
    vec3 light = base * (0.9 * key + 0.62 * sky / weight);
    colour = vec4(pow(clamp(light, 0.0, 1.0), vec3(1.0 / 2.2)), 1.0);
  }`;

const FLOOR_VERTEX = `#version 300 es
  uniform mat4 view;
  uniform vec3 middle;
  out vec3 place;
  void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
    place = middle + 1.8 * vec3(corner.x, 0.0, corner.y);
    gl_Position = view * vec4(place, 1.0);
  }`;

const FLOOR_FRAGMENT = `${LIGHT_CODE}
  in vec3 place;
  uniform vec3 middle;
  out vec4 colour;
  void main() {
    vec3 p = place + vec3(0.0, 0.012, 0.0);
    float sky = 0.0, weight = 0.0;
    for (int i = 0; i < SKY; i++) {
      float up = towards[i].y;
      if (up <= 0.0) continue;
      for (int k = 0; k < 6; k++) { // blurred, or the edges of the sky's shadows would show
        float angle = 2.39996 * float(i + k), radius = 0.016 * sqrt((float(k) + 0.5) / 6.0);
        sky += up / 6.0 * reached(i, p, radius * vec2(cos(angle), sin(angle)));
      }
      weight += up;
    }
    float light = 0.3 * keyReached(p) + 0.7 * sky / weight;
    float fade = clamp(1.7 - 1.7 * length(place - middle) / 1.8, 0.0, 1.0);
    colour = vec4(0.0, 0.0, 0.0, (1.0 - pow(light, 1.0 / 2.2)) * fade);
  }`;

/** Evenly spread directions, from all around. */
function skyDirections() {
  return Array.from({ length: SKY_LIGHTS }, (_, i) => {
    const y = 1 - (2 * (i + 0.5)) / SKY_LIGHTS;
    const turn = Math.PI * (1 + Math.sqrt(5)) * (i + 0.5) + 1.57;
    const ring = Math.sqrt(1 - y * y);
    return [ring * Math.cos(turn), y, ring * Math.sin(turn)];
  });
}

/** The key light turns with the viewer, so that the side that one looks at is lit. */
function keyDirection(azimuth) {
  const turn = ((azimuth - DEFAULT_VIEW.azimuth) * Math.PI) / 180;
  const [x, y, z] = [-0.336, 0.769, 0.596];
  return [x * Math.cos(turn) + z * Math.sin(turn), y, z * Math.cos(turn) - x * Math.sin(turn)];
}

/** Column-major matrix that projects along `direction` onto a square of LIGHT_REACH. */
function lightMatrix(direction) {
  const helper = Math.abs(direction[1]) > 0.9 ? [1, 0, 0] : [0, 1, 0];
  const across = unit(cross(helper, direction));
  const up = cross(direction, across);
  const rows = [across, up, direction.map((value) => -value)];
  const columns = [0, 1, 2].map((k) => [...rows.map((row) => row[k] / LIGHT_REACH), 0]);
  return new Float32Array([...columns.flat(), 0, 0, 0, 1]);
}

function unit(vector) {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

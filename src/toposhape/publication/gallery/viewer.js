// A shape on a white floor, in WebGL 2: drawn when something changes, never otherwise.

const CLAY = [0.56, 0.63, 0.74];
const LOOSE = [0.85, 0.24, 0.16];
const INSIDE = [0.93, 0.72, 0.4];
const MAP_SIZE = 512;
const NO_CUT = 10;

class Viewer {
  /** Throws if the browser has no WebGL 2. */
  constructor(canvas) {
    this.canvas = canvas;
    this.view = { ...DEFAULT_VIEW };
    this.cut = NO_CUT;
    this.mesh = null;
    this.start();
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => this.start());
    new ResizeObserver(() => this.redraw()).observe(canvas);
  }

  start() {
    this.gl = this.canvas.getContext("webgl2", { antialias: true, alpha: false });
    if (!this.gl) throw new Error("no WebGL 2");
    const gl = this.gl;
    this.programs = {
      depth: makeProgram(gl, DEPTH_VERTEX, DEPTH_FRAGMENT),
      surface: makeProgram(gl, SURFACE_VERTEX, SURFACE_FRAGMENT),
      floor: makeProgram(gl, FLOOR_VERTEX, FLOOR_FRAGMENT),
    };
    this.makeMaps();
    this.towards = [...skyDirections(), keyDirection(this.view.azimuth)];
    this.buffer = gl.createBuffer();
    this.setMesh(this.mesh);
  }

  makeMaps() {
    const gl = this.gl;
    this.maps = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.maps);
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.DEPTH_COMPONENT16, MAP_SIZE, MAP_SIZE, LIGHTS);
    const settings = {
      TEXTURE_MIN_FILTER: gl.LINEAR, TEXTURE_MAG_FILTER: gl.LINEAR,
      TEXTURE_WRAP_S: gl.CLAMP_TO_EDGE, TEXTURE_WRAP_T: gl.CLAMP_TO_EDGE,
      TEXTURE_COMPARE_MODE: gl.COMPARE_REF_TO_TEXTURE, TEXTURE_COMPARE_FUNC: gl.LEQUAL,
    };
    for (const [name, value] of Object.entries(settings)) {
      gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl[name], value);
    }
    this.frame = gl.createFramebuffer();
  }

  /** Show triangles of `loadMesh`; null shows nothing. */
  setMesh(mesh) {
    this.mesh = mesh;
    const gl = this.gl;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, mesh ? mesh.corners : new Float32Array(0), gl.STATIC_DRAW);
    for (const location of [0, 1]) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, 3, gl.FLOAT, false, 24, 12 * location);
    }
    this.floor = mesh && mesh.count ? floorUnder(mesh.corners) : null;
    this.skyIsOld = true;
    this.redraw();
  }

  /** Cut away what lies before z = depth. */
  setCut(depth) {
    this.cut = depth;
    this.skyIsOld = true;
    this.redraw();
  }

  redraw() {
    this.request ??= requestAnimationFrame(() => {
      this.request = null;
      this.draw();
    });
  }

  draw() {
    const { gl, canvas } = this;
    const density = Math.min(window.devicePixelRatio || 1, 2);
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * density));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * density));
    if (this.floor) this.drawMaps();
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(1, 1, 1, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    if (!this.floor) return;
    gl.enable(gl.DEPTH_TEST);
    const matrix = viewMatrix(this.view, canvas.width / canvas.height);
    this.drawSurface(matrix);
    if (this.view.elevation > 0) this.drawFloor(matrix);
  }

  /** Depth maps: of the sky when the shape or the cut has changed, of the key light always. */
  drawMaps() {
    const gl = this.gl;
    const { use, uniforms } = this.programs.depth;
    use();
    this.towards[SKY_LIGHTS] = keyDirection(this.view.azimuth);
    gl.uniform1f(uniforms.cut, this.cut);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.frame);
    gl.viewport(0, 0, MAP_SIZE, MAP_SIZE);
    gl.enable(gl.DEPTH_TEST);
    for (let i = this.skyIsOld ? 0 : SKY_LIGHTS; i < LIGHTS; i++) {
      gl.framebufferTextureLayer(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, this.maps, 0, i);
      gl.clear(gl.DEPTH_BUFFER_BIT);
      gl.uniformMatrix4fv(uniforms.light, false, lightMatrix(this.towards[i]));
      gl.drawArrays(gl.TRIANGLES, 0, this.mesh.count);
    }
    this.skyIsOld = false;
  }

  drawSurface(matrix) {
    const gl = this.gl;
    const { count, firm } = this.mesh;
    const uniforms = this.lit(this.programs.surface, matrix);
    gl[this.cut === NO_CUT ? "enable" : "disable"](gl.CULL_FACE);
    gl.uniform1f(uniforms.cut, this.cut);
    gl.uniform3fv(uniforms.inside, INSIDE);
    gl.uniform3fv(uniforms.albedo, CLAY);
    gl.drawArrays(gl.TRIANGLES, 0, firm);
    gl.uniform3fv(uniforms.albedo, LOOSE);
    gl.drawArrays(gl.TRIANGLES, firm, count - firm);
    gl.disable(gl.CULL_FACE);
  }

  drawFloor(matrix) {
    const gl = this.gl;
    const uniforms = this.lit(this.programs.floor, matrix);
    gl.uniform3fv(uniforms.middle, this.floor);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.disable(gl.BLEND);
  }

  /** Use a program that knows the lights. */
  lit({ use, uniforms }, matrix) {
    use();
    const gl = this.gl;
    gl.uniformMatrix4fv(uniforms.view, false, matrix);
    gl.uniformMatrix4fv(uniforms.lights, false, this.towards.flatMap((d) => [...lightMatrix(d)]));
    gl.uniform3fv(uniforms.towards, this.towards.flat());
    return uniforms;
  }
}

function makeProgram(gl, ...sources) {
  const program = gl.createProgram();
  [gl.VERTEX_SHADER, gl.FRAGMENT_SHADER].forEach((kind, i) => {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, sources[i]);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    const log = gl.getShaderInfoLog(shader);
    if (log && !gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(log);
  });
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  const uniforms = {};
  for (let i = 0; i < gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS); i++) {
    const name = gl.getActiveUniform(program, i).name;
    uniforms[name.replace("[0]", "")] = gl.getUniformLocation(program, name);
  }
  return { use: () => gl.useProgram(program), uniforms };
}

/** The middle of the shape's footprint, at its lowest point. */
function floorUnder(corners) {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < corners.length; i += 6) {
    for (let k = 0; k < 3; k++) {
      low[k] = Math.min(low[k], corners[i + k]);
      high[k] = Math.max(high[k], corners[i + k]);
    }
  }
  return [(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2];
}

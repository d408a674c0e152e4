// Meshes: from the page's text (toposhape.publication.gallery.encoding) to triangles with normals.

const STEPS = 4096;
const CREASE = Math.cos((40 * Math.PI) / 180);
const meshCache = new Map();

/** The triangles of mesh `number`: a promise of {count, firm, corners}, kept once it was made. */
function loadMesh(number) {
  if (!meshCache.has(number)) {
    const text = document.getElementById(`mesh${number}`).textContent;
    meshCache.set(number, inflate(text).then(unpackMesh).then(toTriangles));
    if (meshCache.size > 64) meshCache.delete(meshCache.keys().next().value);
  }
  return meshCache.get(number);
}

async function inflate(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/** Undo `pack_mesh`: {vertices: Float32Array 3 V, faces: Uint32Array 3 F, firm: faces not loose}. */
function unpackMesh(buffer) {
  const [vertexCount, faceCount, firm] = new Uint32Array(buffer, 0, 3);
  const bytes = new Uint8Array(buffer);
  const steps = joinPlanes(bytes, 12, 3 * vertexCount, 2);
  const below = joinPlanes(bytes, 12 + 6 * vertexCount, 3 * faceCount, 3);
  const vertices = new Float32Array(3 * vertexCount);
  for (let axis = 0; axis < 3; axis++) {
    for (let i = 0, place = 0; i < vertexCount; i++) {
      const code = steps[axis * vertexCount + i];
      place += code & 1 ? -((code + 1) >> 1) : code >> 1;
      vertices[3 * i + axis] = place / STEPS;
    }
  }
  const faces = new Uint32Array(3 * faceCount);
  for (let i = 0, next = 0; i < faces.length; i++) {
    faces[i] = next - below[i];
    if (below[i] === 0) next++;
  }
  return { vertices, faces, firm };
}

function joinPlanes(bytes, start, count, planes) {
  const values = new Uint32Array(count);
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < count; i++) values[i] |= bytes[start + plane * count + i] << (8 * plane);
  }
  return values;
}

/** Three corners for each face, each a place and a normal, in the order of the faces. */
function toTriangles({ vertices, faces, firm }) {
  const area = areaNormals(vertices, faces);
  const facesAt = facesOfVertices(vertices.length / 3, faces);
  const corners = new Float32Array(6 * faces.length);
  for (let corner = 0; corner < faces.length; corner++) {
    const vertex = faces[corner];
    corners.set(vertices.subarray(3 * vertex, 3 * vertex + 3), 6 * corner);
    corners.set(cornerNormal(Math.floor(corner / 3), facesAt(vertex), area), 6 * corner + 3);
  }
  return { count: faces.length, firm: 3 * firm, corners };
}

/** The area-weighted mean over those faces that are nearly parallel to `face`: edges stay sharp. */
function cornerNormal(face, neighbours, area) {
  const f = 4 * face;
  let [x, y, z] = [0, 0, 0];
  for (const neighbour of neighbours) {
    const n = 4 * neighbour;
    const product = area[f] * area[n] + area[f + 1] * area[n + 1] + area[f + 2] * area[n + 2];
    if (product <= CREASE * area[f + 3] * area[n + 3]) continue;
    x += area[n];
    y += area[n + 1];
    z += area[n + 2];
  }
  const size = Math.hypot(x, y, z);
  return size > 0 ? [x / size, y / size, z / size] : [0, 1, 0];
}

/** Normals as long as twice the area, and that length, four numbers for each face. */
function areaNormals(vertices, faces) {
  const area = new Float32Array((4 * faces.length) / 3);
  const corner = (i) => vertices.subarray(3 * faces[i], 3 * faces[i] + 3);
  for (let face = 0; face < faces.length / 3; face++) {
    const [a, b, c] = [corner(3 * face), corner(3 * face + 1), corner(3 * face + 2)];
    const normal = cross(
      [b[0] - a[0], b[1] - a[1], b[2] - a[2]],
      [c[0] - a[0], c[1] - a[1], c[2] - a[2]],
    );
    area.set(normal, 4 * face);
    area[4 * face + 3] = Math.hypot(...normal);
  }
  return area;
}

function facesOfVertices(vertexCount, faces) {
  const first = new Uint32Array(vertexCount + 1);
  for (const vertex of faces) first[vertex + 1]++;
  for (let i = 0; i < vertexCount; i++) first[i + 1] += first[i];
  const next = first.slice();
  const list = new Uint32Array(faces.length);
  faces.forEach((vertex, corner) => { list[next[vertex]++] = Math.floor(corner / 3); });
  return (vertex) => list.subarray(first[vertex], first[vertex + 1]);
}

function cross([a, b, c], [x, y, z]) {
  return [b * z - c * y, c * x - a * z, a * y - b * x];
}

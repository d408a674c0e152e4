"""A priority queue of vertices, the last of the filtration first.

It is a binary heap of (value, vertex) in arrays that the caller provides.  Removal of the top is
lazy: the next vertex that is pushed takes its place, which saves most of the work, because vertices
are pushed just after one was taken.  ``queue.state`` holds the size and whether the top is vacant.
"""

from __future__ import annotations

from .generic import kernel

SIZE, VACANT = 0, 1


@kernel
def push(queue, value, vertex):  # noqa: ANN001, ANN201
    """Put a vertex into the queue."""
    if queue.state[VACANT]:
        queue.state[VACANT] = 0
        _sift_down(queue, value, vertex)
        return
    place = queue.state[SIZE]
    queue.state[SIZE] = place + 1
    while place > 0:
        above = (place - 1) >> 1
        key = queue.values[above]
        if key > value or (key == value and queue.vertices[above] > vertex):
            break
        queue.values[place], queue.vertices[place] = key, queue.vertices[above]
        place = above
    queue.values[place], queue.vertices[place] = value, vertex


@kernel
def drop_top(queue):  # noqa: ANN001, ANN201
    """Remove the top, should it be vacant, and return whether the queue holds any vertex."""
    if queue.state[VACANT]:
        queue.state[VACANT] = 0
        last = queue.state[SIZE] - 1
        queue.state[SIZE] = last
        if last > 0:
            _sift_down(queue, queue.values[last], queue.vertices[last])
    return queue.state[SIZE] > 0


@kernel
def take_top(queue):  # noqa: ANN001, ANN201
    """Return the last vertex of a queue that is not empty; its place is vacant from now on."""
    queue.state[VACANT] = 1
    return queue.vertices[0]


@kernel
def _sift_down(queue, value, vertex):  # noqa: ANN001, ANN201
    """Put a vertex into the vacant top and restore the order."""
    values, vertices, size = queue.values, queue.vertices, queue.state[SIZE]
    place = 0
    child = 1
    while child < size:
        if child + 1 < size:
            left, right = values[child], values[child + 1]
            later = (right > left) | ((right == left) & (vertices[child + 1] > vertices[child]))
            child += int(later)
        if not (values[child] > value or (values[child] == value and vertices[child] > vertex)):
            break
        values[place], vertices[place] = values[child], vertices[child]
        place = child
        child = 2 * place + 1
    values[place], vertices[place] = value, vertex

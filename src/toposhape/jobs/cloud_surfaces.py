"""Pictures of the two surfaces of a gradient field: the paper's own, and the outer sheet."""

import numpy as np
import torch
from numpy.typing import NDArray

from toposhape.generators.gradient_fields.ray_marching import march_rays
from toposhape.generators.gradient_fields.samplers import Denoise
from toposhape.publication.colours import CLAY
from toposhape.publication.pictures.rendering import Camera, render
from toposhape.shapes.surfaces import extract_surface

BALL = 1.05
"""Radius of the ball around the shape, where rays start: farther away, a network knows nothing of
small deviations."""
LIGHT = np.array([-0.45, 0.75, 0.5])
AMBIENT, BRIGHTNESS = 0.35, 1.25


def marched_picture(
    denoise: Denoise, sigma: float, pixels: int, device: torch.device | str = "cpu"
) -> NDArray[np.uint8]:
    """The paper's surface: a ray for each pixel, shaded by the field's own normals.

    Args:
        denoise: D of one shape.
        sigma: deviation of the field.
        pixels: width and height.
        device: where D is.

    Returns:
        (pixels, pixels, 3), white where no ray arrives.
    """
    camera = Camera()
    eye, directions = camera.frame()[0], camera.rays((pixels, pixels), (0.5, 0.5))
    along = -(directions @ eye)  # to each ray's nearest point to the origin
    depth = BALL**2 - (eye @ eye - along**2)
    seen = np.flatnonzero(depth > 0)
    rays = directions[seen]
    starts = eye + (along[seen] - np.sqrt(depth[seen]))[:, None] * rays
    there, onwards = (
        torch.from_numpy(each.astype(np.float32)).to(device) for each in (starts, rays)
    )
    marched = march_rays(denoise, there, onwards, sigma)
    arrived = (marched.hit & (marched.points.norm(dim=1) < BALL)).cpu().numpy()
    normals = marched.normals.cpu().numpy()[arrived]
    towards = -np.sign((normals * rays[arrived]).sum(axis=1, keepdims=True)) * normals
    lit = np.clip(towards @ (LIGHT / np.linalg.norm(LIGHT)), 0, 1)
    picture = np.ones((pixels * pixels, 3))
    shades = (AMBIENT + (1 - AMBIENT) * lit)[:, None] * BRIGHTNESS * np.array(CLAY)
    picture[seen[arrived]] = np.clip(shades, 0, 1)
    return np.round(255 * picture).astype(np.uint8).reshape(pixels, pixels, 3)


def sheet_picture(field: NDArray[np.float32], pixels: int) -> NDArray[np.uint8]:
    """The zero set of a signed distance (R, R, R): (pixels, pixels, 3), white if there is none."""
    vertices, faces = extract_surface(field)
    return render(vertices, faces, size=(pixels, pixels))

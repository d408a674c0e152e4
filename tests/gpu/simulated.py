"""A GPU that is none: its tensors say `cuda:0`, mix with others as CUDA's do, and lie on the CPU.

It finds what a run on a CPU cannot: a CPU tensor where a GPU's is needed, `.numpy()` of a tensor on
a GPU, a generator of the wrong device, and where the host waits for the GPU. Kernels are the CPU's:
results can be compared with a CPU's, and nothing is learned of CUDA's arithmetic, speed or memory.

`FakeTensorMode` knows devices too, but has no values, on which matchings and diagrams depend.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any
from unittest import mock

import torch
from torch import Tensor
from torch.nn import functional
from torch.optim import optimizer
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from toposhape.generators.implicit.fields import fast_dtype

GPU = torch.device("cuda", 0)  # what Python sees
INNER = torch.device("lazy", 0)  # what torch's C++ sees: without a driver it stops at CUDA tensors
MEMORY = 1 << 30  # bytes
COPIES = ("aten::copy_", "aten::_to_copy", "aten::_foreach_copy_")  # go from device to device
INDEXING = ("aten::index", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_")
WAITING = ("aten::_local_scalar_dense", "aten::nonzero", "aten::_unique2", "aten::masked_select")
LOWERED = (functional.linear, functional.scaled_dot_product_attention, torch.matmul, torch.bmm)


class DeviceError(RuntimeError):
    """What CUDA refuses as well, also by a RuntimeError."""


class SimulatedTensor(torch.Tensor):
    """A tensor on the GPU; a CPU tensor that nobody else sees holds its values."""

    held: Tensor
    device = GPU
    is_cuda = True
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, held: Tensor) -> "SimulatedTensor":
        made = torch.Tensor._make_wrapper_subclass(
            cls, held.size(), strides=held.stride(), storage_offset=held.storage_offset(),
            dtype=held.dtype, layout=held.layout, device=INNER,
        )  # fmt: skip
        made.held = held
        return made

    @classmethod
    def __torch_dispatch__(cls, function: Any, types: Any, args: Any = (), kwargs: Any = None):
        return dispatch(function, args, kwargs or {})

    def numpy(self, *, force: bool = False) -> Any:
        """Refused in CUDA's words; torch has others for a class of tensors."""
        if force:
            return self.detach().cpu().numpy()
        raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() first")

    def __array__(self, dtype: Any = None) -> Any:
        return self.numpy()

    def tolist(self) -> Any:
        return self.cpu().tolist()

    def __format__(self, form: str) -> str:
        return format(self.item(), form) if self.dim() == 0 else repr(self)


class _Operations(TorchDispatchMode):
    """Sees operations without a tensor of the GPU: constructors, and copies to it."""

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None):
        return dispatch(function, args, kwargs or {})


class _Calls(TorchFunctionMode):
    """Names the device as torch's C++ has it, and lowers what autocast lowers."""

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None):
        kwargs = kwargs or {}
        if function is not torch.device:
            args, kwargs = _each(tuple(args), _inner_name), _each(kwargs, _inner_name)
        if function in LOWERED and torch.is_autocast_enabled("cuda"):
            args, kwargs = _each(args, _lowered), _each(kwargs, _lowered)
        return function(*args, **kwargs)


class _RandomState:
    """The GPU's own stream of random numbers; `torch.manual_seed` seeds it too."""

    def __init__(self) -> None:
        self.generator = torch.Generator().manual_seed(0)

    @contextmanager
    def used(self) -> Iterator[None]:
        """Let a CPU kernel draw from here."""
        host, own = torch.default_generator, self.generator
        before = host.get_state()
        host.set_state(own.get_state())
        try:
            yield
        finally:
            own.set_state(host.get_state())
            host.set_state(before)


RANDOM = _RandomState()
WAITS: Counter[str] = Counter()
"""How often the host waited for the GPU, by operation."""


@contextmanager
def simulated_gpu() -> Iterator[torch.device]:
    """Let torch have one GPU meanwhile, in this thread; others may use its tensors."""
    lifting = torch._C._only_lift_cpu_tensors()
    swapping = torch.__future__.get_swap_module_params_on_conversion()
    try:
        # torch.tensor(..., device="cuda") is made on the CPU and copied where `_Operations` sees it
        torch._C._set_only_lift_cpu_tensors(True)
        # Module.to(device) keeps its Parameter objects, as it does between a CPU and CUDA
        torch.__future__.set_swap_module_params_on_conversion(True)
        WAITS.clear()
        with _driver(), _Operations(), _Calls():
            yield torch.device("cuda")
    finally:
        torch._C._set_only_lift_cpu_tensors(lifting)
        torch.__future__.set_swap_module_params_on_conversion(swapping)


@contextmanager
def _driver() -> Iterator[None]:
    """Answer what is asked of CUDA's driver; no kernel is among it."""
    cuda = {
        "_lazy_init": lambda: None,
        "is_available": lambda: True,
        "device_count": lambda: 1,
        "current_device": lambda: 0,
        "synchronize": lambda device=None: None,
        "get_device_name": lambda device=None: "simulated GPU",
        "get_device_properties": lambda device=None: SimpleNamespace(total_memory=MEMORY),
        "max_memory_allocated": lambda device=None: 0,
        # as this CPU does: loss grids are then of the same type on both
        "is_bf16_supported": lambda: fast_dtype("cpu") == torch.bfloat16,
        "manual_seed_all": lambda seed: RANDOM.generator.manual_seed(seed),
        "get_rng_state": lambda device=None: RANDOM.generator.get_state(),
        "set_rng_state": lambda state, device=None: RANDOM.generator.set_state(state),
    }
    classes = [*optimizer._foreach_supported_types, SimulatedTensor]
    with (
        mock.patch.multiple(torch.cuda, **cuda),
        # torch allocates pinned memory through the driver; threads pin too, which have no mode
        mock.patch.object(torch.Tensor, "pin_memory", _pinned),
        # optimisers take their GPU ways for these classes of tensors alone
        mock.patch.object(optimizer, "_foreach_supported_types", classes),
    ):
        yield


def dispatch(function: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    """Run an operation of torch on the tensors that are held, if CUDA would run it."""
    name, given = function._schema.name, []
    _each([*args, *kwargs.values()], given.append)
    on_gpu = _gives_gpu_tensors(name, args, kwargs, given)
    _check(function, args, given, on_gpu)
    _count_waits(name, args, kwargs, given, on_gpu)
    wrappers = {id(x.held): x for x in given if isinstance(x, SimulatedTensor)}
    args, kwargs = _each(args, _held), _each(kwargs, _held)
    if kwargs.get("device") is not None and on_gpu:
        kwargs = {**kwargs, "device": torch.device("cpu")}
    if kwargs.get("pin_memory"):  # safetensors pins what it is about to copy
        kwargs = {**kwargs, "pin_memory": False}
    draws = on_gpu and torch.Tag.nondeterministic_seeded in function.tags
    with RANDOM.used() if draws else nullcontext():
        result = function(*args, **kwargs)
    if name == "aten::_to_copy" and result is args[0]:
        result = result.clone()
    return _each(result, lambda x: _wrapped(x, wrappers, name)) if on_gpu else result


def _gives_gpu_tensors(name: str, args: tuple, kwargs: dict[str, Any], given: list[Any]) -> bool:
    if name == "aten::_local_scalar_dense":
        return False
    if name == "aten::copy_":
        return isinstance(args[0], SimulatedTensor)
    if kwargs.get("device") is not None:
        return torch.device(kwargs["device"]).type in (GPU.type, INNER.type)
    return any(isinstance(x, SimulatedTensor) for x in given)


def _check(function: Any, args: tuple, given: list[Any], on_gpu: bool) -> None:
    """Refuse what CUDA refuses: a CPU tensor beside a GPU's, unless it is a scalar or an index.

    Raises:
        DeviceError: naming operation, devices and forms.
    """
    name = function._schema.name
    if on_gpu and any(isinstance(x, torch.Generator) for x in given):
        raise DeviceError(f"{name}: Expected a 'cuda' device type for generator but found 'cpu'")
    tensors = [x for x in given if isinstance(x, Tensor)]
    ours = [x for x in tensors if not isinstance(x, SimulatedTensor)]
    if name in COPIES or not ours or len(ours) == len(tensors):
        return
    if name in INDEXING and isinstance(args[0], SimulatedTensor):
        ours = [x for x in args[2:] if isinstance(x, Tensor) and not isinstance(x, SimulatedTensor)]
    scalars = torch.Tag.pointwise in function.tags or name in (*INDEXING, "aten::where")
    written = args[0] if name.endswith("_") else None
    if any(x.dim() > 0 or not scalars or x is written for x in ours):
        raise DeviceError(
            f"{name}: Expected all tensors to be on the same device, but found at least two "
            f"devices, cuda:0 and cpu! {[(str(x.device), tuple(x.shape)) for x in tensors]}"
        )


def _count_waits(
    name: str, args: tuple, kwargs: dict[str, Any], given: list[Any], on_gpu: bool
) -> None:
    """Note that the host would wait: for a value, a number of elements, or a copy."""
    values = [x for x in given if isinstance(x, SimulatedTensor)]
    by_mask = name in INDEXING and any(x.dtype in (torch.bool, torch.uint8) for x in values[1:])
    crossing = name in COPIES and bool(values) != on_gpu
    if name == "aten::copy_":
        crossing = isinstance(args[0], SimulatedTensor) != isinstance(args[1], SimulatedTensor)
    asynchronous = kwargs.get("non_blocking") or (name == "aten::copy_" and args[2:] == (True,))
    if (crossing and not asynchronous) or by_mask or (name in WAITING and values):
        WAITS[name] += 1


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    """Change what stands in tuples, lists and dictionaries."""
    if isinstance(value, tuple | list):
        return type(value)([_each(each, change) for each in value])
    if isinstance(value, dict):
        return {name: _each(each, change) for name, each in value.items()}
    return change(value)


def _held(value: Any) -> Any:
    return value.held if isinstance(value, SimulatedTensor) else value


def _wrapped(value: Any, wrappers: dict[int, SimulatedTensor], name: str) -> Any:
    if not isinstance(value, Tensor):
        return value
    given = wrappers.get(id(value))
    if given is not None and given.shape != value.shape:
        raise NotImplementedError(f"{name} changes a tensor's form, which is not simulated")
    return SimulatedTensor(value) if given is None else given


def _inner_name(value: Any) -> Any:
    names_gpu = isinstance(value, torch.device | str) and str(value) in ("cuda", "cuda:0")
    return INNER if names_gpu else value


def _lowered(value: Any) -> Any:
    lower = isinstance(value, SimulatedTensor) and value.dtype == torch.float32
    return value.to(torch.get_autocast_dtype("cuda")) if lower else value


def _pinned(values: Tensor) -> Tensor:
    if isinstance(values, SimulatedTensor):
        raise DeviceError(
            "cannot pin 'torch.cuda.FloatTensor' only dense CPU tensors can be pinned"
        )
    return values.clone()

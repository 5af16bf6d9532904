"""Which code may have side effects: may leave in its process something that the answer to a later question could see.

Each question has a namespace of its own, and random numbers and torch's switches are set anew before it. So code leaves
nothing behind that computes with tensors, sets attributes of its own objects alone, and uses of libraries only what is
listed here. Other code may be as innocent, and nobody needs to know: what fails after it is asked again in a fresh
process (see `marking.ask`).
"""

import ast
import builtins
import sys
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache
from typing import Any

from autograder.notebook.execution import EVERYTHING
from autograder.notebook.notebook import Notebook
from autograder.notebook.origins import chain
from autograder.notebook.scopes import UNKNOWN
from autograder.notebook.statements import Bindings, Statement
from autograder.notebook.syntax import FUNCTIONS, parts
from autograder.notebook.usage import Usage, reach

_PURE = frozenset({"itertools", "math"})  # modules with nothing in them but functions and numbers
# By module, what computes, makes objects, or sets what is set anew before each question.
_HARMLESS: Mapping[str, frozenset[str]] = {
    module: frozenset(names.split())
    for module, names in {
        "builtins": """abs all any bool bytes callable chr classmethod complex dict divmod enumerate filter float
            format frozenset hasattr hash int isinstance issubclass iter len list map max min next object ord pow
            print property range repr reversed round set slice sorted staticmethod str sum super tuple type zip
            Ellipsis NotImplemented ArithmeticError AssertionError AttributeError Exception IndexError KeyError
            LookupError NotImplementedError RuntimeError StopIteration TypeError ValueError ZeroDivisionError""",
        "abc": "ABC abstractmethod",
        "collections": "Counter OrderedDict defaultdict deque namedtuple",
        "collections.abc": "Callable Iterable Iterator Mapping Sequence",
        "copy": "copy deepcopy",
        "dataclasses": "dataclass field",
        "einops": "einsum rearrange reduce repeat",
        "einops.layers.torch": "Rearrange Reduce",
        "enum": "Enum IntEnum auto",
        "functools": "cache cached_property lru_cache partial reduce wraps",
        "numpy": """abs arange argmax argsort array asarray clip concatenate cumsum dot einsum exp expand_dims eye
            float32 float64 full hstack inf int32 int64 linspace log matmul max maximum mean min minimum nan ndarray
            newaxis ones outer pi prod reshape sqrt stack sum tanh tile transpose triu tril vstack where zeros
            zeros_like""",
        "operator": "add itemgetter mul sub",
        "random": "choice randint random randrange sample seed shuffle uniform",
        "statistics": "mean median pstdev stdev",
        "time": "monotonic perf_counter time",
        "torch": """BoolTensor DoubleTensor FloatTensor Generator IntTensor LongTensor Size Tensor abs absolute add
            addbmm addcdiv addcmul addmm addmv all allclose amax amin any arange argmax argmin argsort as_tensor atan
            atan2 baddbmm bernoulli bfloat16 bitwise_and bitwise_not bitwise_or block_diag bmm
            bool broadcast_tensors broadcast_to bucketize cartesian_prod cat cdist ceil chunk clamp clamp_max
            clamp_min clip clone column_stack concat concatenate conv1d conv2d cos cosh count_nonzero cross cumprod
            cumsum det detach device diag diag_embed diagonal diff div divide dot double dropout dsplit dtype e einsum
            embedding empty empty_like enable_grad eq equal erf exp exp2 expm1 eye finfo flatten flip float float16
            float32 float64 floor floor_divide fmod frac from_numpy full full_like gather ge gelu greater gt half
            hsplit hstack iinfo index_add index_copy index_fill index_select inf inference_mode inner int int16 int32
            int64 int8 inverse is_complex is_floating_point is_tensor isclose isfinite isin isinf isnan kron
            layer_norm layout le lerp less linspace log log10 log1p log2 log_softmax logaddexp logical_and logical_not
            logical_or logical_xor logsumexp logspace long lt manual_seed masked_fill masked_scatter masked_select
            matmul max maximum mean median meshgrid min minimum mm moveaxis movedim msort mul multinomial multiply mv
            nan nan_to_num nansum narrow ne neg negative no_grad nonzero norm normal not_equal numel ones ones_like
            outer permute pi pow prod rand rand_like randint randint_like randn randn_like randperm ravel reciprocal
            relu remainder repeat_interleave reshape roll rot90 round rsqrt scatter scatter_add scatter_reduce
            searchsorted select sigmoid sign sin sinh softmax sort split sqrt square squeeze stack std strided sub
            subtract sum swapaxes swapdims t take take_along_dim tan tanh tensor tensor_split tensordot tile topk
            trace transpose tril tril_indices triu triu_indices true_divide trunc uint8 unbind unflatten unique
            unique_consecutive unsqueeze var var_mean view_as_complex view_as_real vsplit vstack where zeros
            zeros_like""",
        "torch.cuda": "is_available",
        "torch.linalg": "norm vector_norm matrix_norm inv det solve",
        "torch.nn": """AdaptiveAvgPool1d AdaptiveAvgPool2d AvgPool1d AvgPool2d BatchNorm1d BatchNorm2d Bilinear Conv1d
            Conv2d ConvTranspose2d CrossEntropyLoss Dropout Dropout1d Dropout2d ELU Embedding Flatten GELU GRU GRUCell
            GroupNorm Hardtanh Identity LSTM LSTMCell LayerNorm LeakyReLU Linear LogSoftmax MaxPool1d MaxPool2d
            MSELoss Mish Module ModuleDict ModuleList MultiheadAttention NLLLoss Parameter ParameterDict ParameterList
            RMSNorm RNN RNNCell ReLU ReLU6 Sequential SiLU Sigmoid Softmax Softplus Tanh Transformer
            TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer Unflatten Unfold
            Upsample ZeroPad2d""",
        "torch.nn.functional": """adaptive_avg_pool1d adaptive_avg_pool2d avg_pool1d avg_pool2d batch_norm
            binary_cross_entropy binary_cross_entropy_with_logits conv1d conv2d conv3d conv_transpose2d
            cosine_similarity cross_entropy dropout dropout1d dropout2d elu embedding fold gelu glu group_norm
            gumbel_softmax hardtanh interpolate kl_div l1_loss layer_norm leaky_relu linear log_softmax logsigmoid
            max_pool1d max_pool2d mish mse_loss multi_head_attention_forward nll_loss normalize one_hot pad
            pixel_shuffle pixel_unshuffle prelu relu relu6 rms_norm scaled_dot_product_attention selu sigmoid silu
            smooth_l1_loss softmax softmin softplus softsign tanh unfold""",
        "torch.nn.init": """constant_ eye_ kaiming_normal_ kaiming_uniform_ normal_ ones_ orthogonal_ trunc_normal_
            uniform_ xavier_normal_ xavier_uniform_ zeros_""",
        "torch.nn.parameter": "Parameter",
        "torch.nn.utils.rnn": "pack_padded_sequence pack_sequence pad_packed_sequence pad_sequence",
        "typing": """Any Callable ClassVar Dict Final Generic Iterable Iterator List Literal NamedTuple Optional
            Sequence Set Tuple Type TypeVar Union cast""",
        "torch.special": "entr erf erfc expit log1p log_softmax logit logsumexp softmax xlogy",
    }.items()
}
# What leads from an object to its class, its module or its memory, or writes a file.
_REVEALING = frozenset({"ctypes", "dump", "from_file", "tofile"})
_SPECIAL = frozenset({"__call__", "__contains__", "__getitem__", "__init__", "__len__", "__name__"})


def impure_names(notebook: Notebook) -> list[str]:
    """The names that statements make up whose syntax may change what is not theirs; EVERYTHING if no name is safe."""
    bindings = notebook.bindings
    if bindings.switches or not all(_may_be_imported(one) for star in bindings.stars for one in star.imported.values()):
        return [EVERYTHING]
    defined, found = _defined(bindings), set[str]()
    methods = _attached(bindings, defined)
    for statement in bindings.statements:
        if _may_change_others(statement, defined, methods):
            found |= statement.bound | statement.changed | statement.looped | {statement.deleted}
    return sorted(found - {""})


def may_have_side_effects(
    names: Iterable[str],
    given: AbstractSet[str],
    usages: Sequence[Usage],
    definitions: Mapping[str, Sequence[int]],
    impure: Iterable[str],
) -> bool:
    """Whether the code of some `names` may, as far as they are not `given`; the others are fields of an outline."""
    names, impure = {*names}, {*impure}
    reached = reach(usages, names, given)
    # What code asks for and no cell binds is of the notebook's surroundings; what only the check asks for is nothing.
    unbound = (name for name in reached - names if name.isidentifier() and name not in definitions)
    uses = (use for usage in usages if not reached.isdisjoint(usage.names) for use in usage.uses)
    return (
        EVERYTHING in impure
        or not reached.isdisjoint(impure)
        or not all(hasattr(builtins, name) for name in unbound)
        or not all(_is_harmless(origin) for use in uses for origin in use.origins)
    )


@lru_cache(maxsize=20_000)  # a class uses the same names over and over
def _is_harmless(origin: str) -> bool:
    """Whether what has this dotted name changes nothing but what is handed to it or made by it."""
    first, *others = origin.split(".")
    if not all(map(_is_plain, others)):
        return False
    if first == UNKNOWN or first.startswith("<"):
        return True
    module, _, name = origin.rpartition(".")
    if module in _PURE:
        return True
    while module and name not in _HARMLESS.get(module, ()):  # a method of a class has a longer name
        module, _, name = module.rpartition(".")
    return bool(module) and not any(one.startswith("_") and one not in _SPECIAL for one in others)


def _is_plain(attribute: str) -> bool:
    """Whether an attribute leads to nothing but what belongs to the object."""
    return attribute not in _REVEALING and (not attribute.startswith("__") or attribute in _SPECIAL)


def _may_be_imported(origin: str) -> bool:
    """Whether an import of what has this dotted name does nothing but bind it."""
    return origin in _HARMLESS or origin in _PURE or origin == "torch.nn" or _is_harmless(origin)


def _defined(bindings: Bindings) -> frozenset[str]:
    """The names of functions and classes that nothing else in the notebook binds."""
    found: dict[str, bool] = {}
    for statement in bindings.statements:
        for name in statement.bound:
            found[name] = found.get(name, True) and isinstance(statement.node, (*FUNCTIONS, ast.ClassDef))
    return frozenset(name for name, defined in found.items() if defined)


def _attached(bindings: Bindings, defined: frozenset[str]) -> frozenset[str]:
    """The functions that are made methods of a class: `RNN.forward = forward`."""
    return frozenset(
        node.value.id
        for node in (statement.node for statement in bindings.statements)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Name)
        and isinstance(node.targets[0], ast.Attribute)
        if _root_name(node.targets[0]) in defined
    )


def _may_change_others(statement: Statement, defined: frozenset[str], methods: frozenset[str]) -> bool:
    """Whether something in a statement may set attributes of other objects than its own, or go on later.

    Its own are those of the class whose method sets them, and outside of functions what the notebook has `defined`.
    """
    if not all(map(_may_be_imported, statement.imported.values())):
        return True
    is_method = getattr(statement.node, "name", "") in methods
    pending: list[tuple[ast.AST, frozenset[str], bool]] = [(statement.node, defined, is_method)]
    while pending:
        node, own, in_class = pending.pop()
        kind = node.__class__
        if kind in _SCOPES:
            own = _own_objects(node, own - defined, in_class)
        elif kind in _SUSPECT and not _sets_nothing_else(node, own):
            return True
        pending += [(part, own, kind is ast.ClassDef) for part in parts(node)]
    return False


_SCOPES = frozenset({*FUNCTIONS, ast.Lambda})
# Kinds of nodes that may set an attribute, or make code that goes on later.
_SUSPECT = frozenset({
    *(ast.Attribute, ast.Name, ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith),
})  # fmt: skip


def _own_objects(function: Any, around: frozenset[str], in_class: bool) -> frozenset[str]:
    """The names that own objects have in a function: what a method is called on, in the functions in it, too."""
    arguments = [one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    if not in_class or isinstance(function, ast.Lambda):
        return around - {*arguments}
    static = any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in function.decorator_list)
    return frozenset() if static else frozenset(arguments[:1])


def _sets_nothing_else(node: ast.AST, own: frozenset[str]) -> bool:
    """Whether a node of these kinds sets no attribute but of own objects, or one that torch does not know of theirs."""
    if isinstance(node, ast.Name):
        return _is_plain(node.id) and (node.id not in own or not isinstance(node.ctx, ast.Store))
    if not isinstance(node, ast.Attribute) or not _is_plain(node.attr):
        return False
    if isinstance(node.ctx, ast.Load):
        return True
    if isinstance(node.value, ast.Name):
        return node.value.id in own
    return _root_name(node) in own and not _is_of_torch(node.attr)


def _root_name(node: ast.expr) -> str:
    """The name that a chain of nothing but attributes begins with, or ""."""
    root, _ = chain(node)
    return root.id if isinstance(root, ast.Name) else ""


@cache
def _is_of_torch(attribute: str) -> bool:
    """Whether something in torch that lives as long as the process may have an attribute of this name."""
    torch = sys.modules.get("torch")
    return torch is None or any(
        hasattr(one, attribute) for one in (torch, torch.nn, torch.nn.functional, torch.nn.Module, torch.Tensor)
    )

"""Which top-level calls belong to a name: `vocab.set_default_index(0)` runs whenever `vocab` is asked for.

A call belongs to the name at the root of its chain (`names.append(1)`, `model.encoder.apply(f)`, `table.setdefault(1,
[]).append(2)`, `setattr(RNN, "forward", f)`), with two exceptions: a statement that calls anything in NEVER_RUN, and
a method of something imported, of which only CONFIGURING calls run.
"""

import ast
from collections.abc import Iterator, Mapping

from autograder.notebook.syntax import root_name, walk


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Last names of calls that train, evaluate, download, install, display, read or write. They cost hours or leave the
# process, and no definition that is graded depends on them. No name that tensors, strings or numbers have as a method
# (`view`, `join`, `log`) is among them, since those stand in harmless arguments.
TRAINING = _words("""
    train fit fit_generator fit_one_cycle train_model train_epoch train_one_epoch backward step zero_grad
    optimize minimize run run_epoch evaluate evaluate_model validate test predict
""")
DOWNLOADS = _words("""
    download download_and_prepare download_url download_file urlretrieve urlopen retrieve wget clone
    snapshot_download load_dataset mount unmount flush_and_unmount login authenticate install system popen Popen
    check_call check_output getoutput run_line_magic run_cell_magic
""")
DISPLAYS = _words("""
    show display plot imshow savefig draw visualize print pprint summary render close pause
""")
INPUT_AND_OUTPUT = _words("""
    input open read readline readlines write writelines flush dump save savez save_pretrained save_model
    push_to_hub upload to_csv to_json to_pickle to_excel touch mkdir makedirs rmdir rmtree unlink rename
    remove_file extractall copyfile copytree add_scalar add_scalars add_graph add_image add_text add_histogram
    watch finish sleep start launch serve wait exit quit
""")
NEVER_RUN = TRAINING | DOWNLOADS | DISPLAYS | INPUT_AND_OUTPUT

# Methods of imported things that set up the process, by full name.
CONFIGURING = frozenset(
    {
        "matplotlib.use",
        "numpy.random.seed",
        "numpy.set_printoptions",
        "os.environ.setdefault",
        "os.environ.update",
        "random.seed",
        "sys.path.append",
        "sys.path.extend",
        "sys.path.insert",
        "sys.setrecursionlimit",
        "torch.cuda.manual_seed",
        "torch.cuda.manual_seed_all",
        "torch.manual_seed",
        "torch.random.manual_seed",
        "torch.set_float32_matmul_precision",
        "torch.set_printoptions",
        "torch.use_deterministic_algorithms",
        "warnings.filterwarnings",
        "warnings.simplefilter",
    }
)

# What changes everything that torch makes afterwards, in whatever cell it stands: see `Bindings.switches`.
SWITCHING = frozenset(
    {
        "torch.autograd.set_grad_enabled",
        "torch.set_default_device",
        "torch.set_default_dtype",
        "torch.set_default_tensor_type",
        "torch.set_grad_enabled",
    }
)


def called_function(node: ast.stmt) -> str:
    """The function that a statement such as `setup()` or `x = setup()` calls by its bare name, or ""."""
    call = node.value if isinstance(node, (ast.Expr, ast.Assign)) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not _never_run(node):
        return call.func.id
    return ""


def changed_by_call(node: ast.stmt, imported: Mapping[str, str]) -> str:
    """The name that an expression statement changes by calling a method, or "".

    imported: dotted origin of every name that the notebook imports.
    """
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call) or _never_run(node):
        return ""
    call = node.value
    if isinstance(call.func, ast.Name):
        return root_name(call.args[0]) if call.func.id in {"setattr", "delattr"} and call.args else ""
    root = root_name(call.func)
    if root not in imported:
        return root
    return root if _dotted(call.func, imported[root]) in CONFIGURING else ""


def is_switch(node: ast.stmt, imported: Mapping[str, str]) -> bool:
    """Whether an expression statement calls one of SWITCHING; `imported` as above."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    function = node.value.func
    return _dotted(function, imported.get(root_name(function), "")) in SWITCHING


def _dotted(node: ast.expr, origin: str) -> str:
    """The full name of an attribute chain whose root was imported as `origin`, or "" with items or calls in it."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.insert(0, node.attr)
        node = node.value
    return ".".join([origin, *attributes]) if isinstance(node, ast.Name) else ""


def called_names(node: ast.AST) -> Iterator[str]:
    """The last names of everything that is called in a piece of syntax."""
    called = (part.func for part in walk(node) if isinstance(part, ast.Call))
    return (func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in called)


def _never_run(node: ast.stmt) -> bool:
    return not NEVER_RUN.isdisjoint(called_names(node))

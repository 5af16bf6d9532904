"""hw4_vit.ipynb: a Vision Transformer, piece by piece, with parameters that are drawn here, and its training."""

from typing import Any

import torch
from vit_candidates import Run
from vit_laws import broken_law, doubt, draw_linear_layers, laws
from vit_mistakes import MISTAKES as ATTENTION
from vit_mistakes import diagnose, right_gradients

from autograder.checks import (
    Case,
    Claims,
    Handle,
    Mistake,
    Rng,
    Student,
    assign,
    attempt,
    expect,
    learnable,
    question,
    repeatable,
    robust,
    say,
)
from data import CIFAR10_CLASSES

MODULES = ["torch", "torchvision", "math", "typing", "__future__"]
BUILT_IN = [
    "torch.nn.Transformer*", "torch.nn.modules.transformer*", "torch.nn.*MultiheadAttention", "torch.nn.attention*",
    "*.scaled_dot_product_*attention*", "*.multi_head_attention_forward", "*_native_multi_head_attention",
    "*._transformer_encoder_layer_fwd", "torchvision.models", "torchvision.models.*", "torchvision.ops.*",
]  # fmt: skip
CONTAINERS = ["Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"]
ACTIVATIONS = [
    "CELU", "ELU", "GELU", "GLU", "Hard*", "LeakyReLU", "LogSigmoid", "LogSoftmax", "Mish", "PReLU", "ReLU*", "RReLU",
    "SELU", "SiLU", "Sigmoid", "Soft*", "Tanh*", "Threshold",
]  # fmt: skip
NORMALISATIONS = ["LayerNorm", "RMSNorm", "GroupNorm", "BatchNorm*", "InstanceNorm*", "LocalResponseNorm"]
OTHERS = ["Conv2d", "Linear", "Dropout*", "Identity"]
LAYERS = [f"torch.nn.{name}" for name in CONTAINERS + ACTIVATIONS + NORMALISATIONS + OTHERS]
CONVOLUTION_ALONE = [f"torch.nn.{name}" for name in ["Conv2d", *CONTAINERS]]

STRIDE = "the stride of nn.Conv2d, which may be a pair like kernel_size"
TO_TOKENS = "(batch, dim, rows, columns) -> (batch, tokens, dim): which axes are flattened, and which one moves"
PATCHES = {
    "column by column": Mistake("the patches come column by column, not row by row", TO_TOKENS),
    "dim not last": Mistake("the embedding is not the last axis", TO_TOKENS),
    "reshaped without moving dim": Mistake("the feature maps were reshaped without moving the axis of dim", TO_TOKENS),
    "grid not flattened": Mistake("the rows and columns of patches are still two axes", TO_TOKENS),
    "feature maps": Mistake("the feature maps of the convolution are returned as they are", TO_TOKENS),
    # Right for square patches.
    "one side for both strides": Mistake("the stride is the patch's height in both directions", STRIDE, earns=3),
    "one side for both strides (width)": Mistake("the stride is the patch's width in both directions", STRIDE, earns=3),
    "one side for the whole patch": Mistake(
        "the kernel is a square, whatever the patch is",
        "kernel_size of nn.Conv2d, which may be a pair",
        earns=3,
        in_cases=False,
    ),
    "sides of the stride exchanged": Mistake("height and width of the stride are exchanged", STRIDE),
    "overlapping patches": Mistake("the patches overlap: the stride is 1", STRIDE),
}


PATCHES_ROBUST = robust(5)


@question(
    "3a",
    points=5,
    cases="vit_patchification",
    forbid=["*.unfold", "*.im2col", "torch.nn.Unfold", "torch.nn.functional.linear", *BUILT_IN],
    allow_layers=CONVOLUTION_ALONE,
    allow_modules=MODULES,
)
def test_patchification(student: Student, case: Case) -> None:
    """Every patch is projected to a token by one convolution, whose stride is the patch; tokens in reading order."""
    arguments, _, parameters, images, weights = case.inputs
    patchify = expect.module("Patchification", student.Patchification(*arguments))
    layers = [entry for entry in patchify.inventory() if entry.parameters]
    kernels = {entry.parameters["weight"][-2:] for entry in layers if "weight" in entry.parameters}
    height, width = arguments[1]
    if height != width and kernels in ({(height, height)}, {(width, width)}):
        expect.raise_mistake("Patchification", "one side for the whole patch", PATCHES, expect.with_the(case))
    places = assign("Patchification", patchify, parameters)
    patchify.eval()
    kinds = [entry.kind for entry in layers]
    expect.that(
        len(layers) == 1 and layers[0].extends("torch.nn.Conv2d"),
        say(
            "Patchification needs one nn.Conv2d as its only layer\nexpected torch.nn.Conv2d\ngot {what}",
            what=", ".join(kinds),
        ),
        diagnosis="wrong structure",
        look_at="the rule of 3a: by convolution, with nn.Conv2d alone",
    )
    got = patchify(images)
    expect.that(
        student.ran("*[cC]onv*") > 0 or student.ran("*") == 0,
        "the tokens do not come from the convolution: it is not called\nexpected a call of the nn.Conv2d",
        diagnosis="convolution not called",
        look_at="the rule of 3a: by convolution, with nn.Conv2d alone",
    )
    right = expect.matches(
        got,
        case,
        dims={"tokens": "(batch, tokens, dim)"},
        mistakes=PATCHES,
        look_at="kernel_size and stride of the convolution, then how its result becomes tokens",
    )
    if not case.secret:
        repeatable("Patchification", patchify, (images,), got, PATCHES_ROBUST)
        learnable("Patchification", patchify, (images,), weights, right, places, PATCHES_ROBUST)


ROBUST = robust(10)  # of 3b, 3c and 3d
DROPOUT = {
    "dropout missing": Mistake(
        "the values are right, but in training nothing is dropped",
        "where the text asks for dropout; self.dropout(...) has to be called in forward",
        earns=8,
        in_cases=False,
    )
}


@question("3b", points=10, forbid=BUILT_IN, allow_layers=LAYERS, allow_modules=MODULES)
def test_attention(student: Student, rng: Rng) -> None:
    """Scaled dot-product attention of several heads, recomputed from the model's own linear layers for 1 to 3 heads.

    Layers bear any name and are fused in any way; one and the same reading of them has to explain every case.
    """
    runs = []
    for heads, (batch, tokens, dim) in {1: (2, 5, 8), 2: (3, 7, 12), 3: (2, 5, 12)}.items():
        attention = expect.module("Attention", student.Attention(dim, heads))
        attention.eval()
        layers = draw_linear_layers(attention, dim, rng)
        x = rng.normal(batch, tokens, dim)
        got = attention(x)
        expect.shape(f"Attention({dim}, {heads})(x)", got, (batch, tokens, dim), dims="(batch, N, dim)")
        expect.that(
            got.is_floating_point(), say("Attention returns {dtype}", dtype=str(got.dtype)), diagnosis="wrong structure"
        )
        whole = layers and layers.complete(heads, dim)
        if not whole:
            doubt(attention, x, got, rng)
        runs.append(Run(whole, heads, x, got.float()))
    name = diagnose(runs)
    if name:
        expect.steady("Attention", got, attention(x))
        shown = broken_law(attention, x, got, rng)
        if name in ATTENTION:
            expect.raise_mistake("Attention", name, ATTENTION, **shown)
        expect.that(
            False,
            say(
                "Attention is not what its layers give\n"
                "expected softmax(q k^T / scale) v of every head, and a projection\n"
                "got something else: {laws}",
                laws=laws(attention, x, got, rng),
            ),
            diagnosis="wrong values",
            look_at="part 3.2 of the paper, step by step; print the shape after each",
            **shown,
        )
    weights = rng.normal(*got.shape)
    repeatable("Attention", attention, (x,), got, ROBUST)
    learnable("Attention", attention, (x,), weights, right_gradients(runs, weights), {}, ROBUST)
    all_dropped = attempt(student.Attention, dim, heads, 1.0)
    if isinstance(all_dropped, Handle) and draw_linear_layers(all_dropped, dim, rng):
        evaluated, trained = in_both_modes(all_dropped, x)
        if expect.is_close(trained, evaluated):
            expect.raise_mistake("Attention", "dropout missing", DROPOUT, "no attention weight is dropped")


def in_both_modes(module: Handle, x: torch.Tensor) -> tuple[torch.Tensor, Any]:
    """What a module makes of x while it is evaluated and while it is trained."""
    module.eval()
    evaluated = module(x)
    module.train()
    return evaluated, attempt(module, x)


LAST_BIAS = "second linear layer of the MLP.bias"
RESIDUALS = "the two circled plus signs of Figure 2: what is added to what"
NORMS = "Figure 2: where each Norm stands, and which of LN1 and LN2 it is"
ACTIVATION = "part 3.1 of the paper: which activation, and where"
BLOCK = {
    "post-norm": Mistake("the layer normalisations come after the sums, as in the original Transformer", NORMS),
    "norm of the branch's result": Mistake("LN1 and LN2 are applied to what attention and MLP return", NORMS),
    "ReLU": Mistake("the activation of the MLP is ReLU", ACTIVATION),
    "SiLU": Mistake("the activation of the MLP is SiLU", ACTIVATION),
    "activation missing": Mistake("the MLP has no activation between its linear layers", ACTIVATION),
    "activation after both layers": Mistake("the MLP applies its activation after the second layer, too", ACTIVATION),
    "activation after the second layer": Mistake("the activation stands after the second linear layer", ACTIVATION),
    "residual in the MLP": Mistake("MLP adds its input to its result; the residual belongs to Block", RESIDUALS),
    "first residual missing": Mistake("the residual around the attention is missing", RESIDUALS),
    "second residual missing": Mistake("the residual around the MLP is missing", RESIDUALS),
    "residuals missing": Mistake("both residuals are missing", RESIDUALS),
    "second residual from the input": Mistake("the second residual adds the block's input", RESIDUALS),
    "residuals from the normalised tokens": Mistake("the residuals add the normalised tokens", RESIDUALS),
    "first residual from the normalised tokens": Mistake("the first residual adds the normalised tokens", RESIDUALS),
    "second residual from the normalised tokens": Mistake("the second residual adds the normalised tokens", RESIDUALS),
    "LN1 twice": Mistake("LN1 is used twice, LN2 never", NORMS),
    "LN2 twice": Mistake("LN2 is used twice, LN1 never", NORMS),
    "norms exchanged": Mistake("LN1 and LN2 are exchanged", NORMS),
    "first norm missing": Mistake("the attention gets tokens that are not normalised", NORMS),
    "second norm missing": Mistake("the MLP gets tokens that are not normalised", NORMS),
    "norms missing": Mistake("neither attention nor MLP gets normalised tokens", NORMS),
    "MLP before the attention": Mistake("the MLP comes before the attention", "Figure 2, from below"),
    "attention and MLP side by side": Mistake("the MLP does not see what the attention did", RESIDUALS),
    "attention missing": Mistake("the attention has no effect", "Block.forward: is every step used?"),
    "MLP missing": Mistake("the MLP has no effect", "Block.forward: is every step used?"),
}


@question("3c", points=10, cases="vit_block", forbid=BUILT_IN, allow_layers=LAYERS, allow_modules=MODULES)
def test_block(student: Student, case: Case) -> None:
    """A block normalises first and adds two residuals; its MLP has a GELU. A given attention replaces the student's."""
    arguments, stand_ins, parameters, tokens, weights = case.inputs
    student.given(**stand_ins)
    block = expect.module("Block", student.Block(*arguments))
    places = assign("Block", block, parameters)
    block.eval()
    got = block(tokens)
    right = expect.matches(
        got,
        case,
        dims={"output": "(batch, N, dim)"},
        mistakes=BLOCK,
        again=lambda: block(tokens),
        look_at="the grey box of Figure 2, from below; then the layers of MLP",
    )
    if case.secret:
        return
    repeatable("Block", block, (tokens,), got, ROBUST)
    learnable("Block", block, (tokens,), weights, right, places, ROBUST)
    if missing := missing_dropout(student, case, right["output"]):
        expect.raise_mistake(
            "MLP", "dropout missing", DROPOUT, say("missing is {which} dropout of the MLP", which=missing)
        )


def missing_dropout(student: Student, case: Case, right: torch.Tensor) -> str:
    """Which dropout of the MLP is missing: "every", "the first", "the last", or "" where that is not certain."""
    arguments, _, parameters, tokens, _ = case.inputs
    results = []
    for p in (1.0, 0.5):
        block = attempt(student.Block, *arguments, p)
        if not isinstance(block, Handle):
            return ""
        assign("Block", block, parameters)
        block.train()
        results.append(attempt(block, tokens))
    all_dropped, half = results
    if expect.is_close(all_dropped, right):
        return say("every")
    without_mlp, bias = case.mistakes["MLP missing"]["output"], parameters[LAST_BIAS]
    if expect.is_close(all_dropped, without_mlp + bias):
        return say("the last")
    if not expect.is_close(all_dropped, without_mlp) or not isinstance(half, torch.Tensor):
        return ""
    kept = (half - without_mlp).abs() > 1e-4
    if bool(kept.all()):
        return say("the last")
    return (
        say("the first")
        if expect.is_close((half - without_mlp)[kept], 2 * (right - without_mlp)[kept], atol=1e-3)
        else ""
    )


TOKEN = "where the class token is put, and which token the head sees"
POSITIONS = "the position embedding is added once, to the class token and the patches together"
BLOCKS = "ViT.forward: one block after the other, each gets what the last one returned"
VIT = {
    "class token last": Mistake("the class token stands behind the patches; it belongs in front", TOKEN),
    "class token last, first token read": Mistake("the class token is put last, but the first token is read", TOKEN),
    "last token read": Mistake("the head sees the last token instead of the class token", TOKEN),
    "first patch read": Mistake("the head sees the first patch instead of the class token", TOKEN),
    "mean pooling": Mistake("the head sees the mean of all tokens instead of the class token", TOKEN),
    "mean pooling of the patches": Mistake("the head sees the mean of the patches instead of the class token", TOKEN),
    "mean of the logits": Mistake("the logits are averaged over all tokens", TOKEN),
    "head sees every token": Mistake("the head sees every token; the logits are those of the class token", TOKEN),
    "class token missing": Mistake("no class token is put in front of the patches", TOKEN),
    "class token missing, first position left out": Mistake("no class token is put in front of the patches", TOKEN),
    "class token zero": Mistake("the class token is zero whatever self.cls_token holds", TOKEN),
    "position missing": Mistake("no position embedding is added", POSITIONS),
    "position added before the token": Mistake("the position embedding is added before the class token", POSITIONS),
    "class token without position": Mistake("the class token gets no position embedding", POSITIONS),
    "patches without position": Mistake("the patches get no position embedding", POSITIONS),
    "blocks in reverse": Mistake("the blocks are used in reverse order", BLOCKS, earns=8),
    "one block": Mistake("the tokens go through one block only", BLOCKS),
    "the same block every time": Mistake(
        "one block is called again and again, so that all of them share their weights",
        "ViT.__init__: `[Block(...)] * depth` is one block many times; a loop makes new ones",
        earns=5,
    ),
    "blocks not registered": Mistake(
        "the blocks are kept where the model does not find their parameters",
        "ViT.__init__: a list of modules is an nn.ModuleList or an nn.Sequential",
        earns=5,
    ),
    "blocks missing": Mistake("the attention blocks have no effect", BLOCKS),
    "softmax": Mistake("forward returns probabilities instead of logits", "no softmax: the loss will do that"),
    "log-softmax": Mistake("forward returns log-probabilities instead of logits", "no softmax: the loss will do that"),
}


@question("3d", points=10, cases="vit_model", forbid=BUILT_IN, allow_layers=LAYERS, allow_modules=MODULES)
def test_vit(student: Student, case: Case) -> None:
    """Patches, class token in front, positions, blocks, then the head on the class token.

    A given patchification and block replace the student's.
    """
    arguments, stand_ins, parameters, images, weights = case.inputs
    student.given(**stand_ins)
    vit = expect.module("ViT", student.ViT(*arguments))
    own = next((entry.parameters for entry in vit.inventory() if not entry.name), {})
    _, positions, dim = parameters["pos_embedding"].shape
    expect.that(
        own.get("pos_embedding", ())[-2:] != (positions - 1, dim),
        say(
            "pos_embedding has no place for the class token\nexpected {shape} = (1, 1 + N, dim)\ngot {what}",
            shape=str((1, positions, dim)),
            what=str(own.get("pos_embedding")),
        ),
        diagnosis="position added before the token",
        look_at=POSITIONS,
    )
    places = assign("ViT", vit, parameters)
    vit.number_parts("Block")
    vit.eval()
    got = vit(images)
    right = expect.matches(
        got,
        case,
        dims={"logits": "(batch, num_classes)"},
        mistakes=VIT,
        again=lambda: vit(images),
        look_at="ViT.forward, from patchify to classification_head",
    )
    if not case.secret:
        repeatable("ViT", vit, (images,), got, ROBUST)
        learnable("ViT", vit, (images,), weights, right, places, ROBUST)


TEST_IMAGES = 10_000
OUTPUTS = "a line after every epoch, the accuracy at the end; save the notebook with its outputs"


@question("3e", points=5)
def test_training(claims: Claims) -> None:
    """The saved output shows the log of a training, and at the end at least 65 % of the test images right."""
    figure = claims.best("accuracy", of=["ViT"], never=CIFAR10_CLASSES, examples=TEST_IMAGES)
    claims.reach(figure, figure.amount >= 65, "at least 65 %", diagnosis="below 65 %")
    message = say("{figure}, but the saved outputs show no log of the training", figure=figure.shown)
    expect.that(claims.log, message, diagnosis="no log", look_at=OUTPUTS)
    claims.must_be_test(figure, worth="5 points")

# %% [markdown]
# # Assignment 2-1: Recurrent Neural Networks
#
# A film review is a sequence: *"not bad at all"* and *"bad, not good at all"* share four words, and say the opposite.
# Something has to read the words in their order and remember what matters. In this notebook you build such a memory by
# hand, with its gradients. Then you let PyTorch's version of it read 25,000 reviews.
#
# | question | what you do | points | your time |
# |---|---|---|---|
# | 2-1-1a | a GRU's step forward | 10 | 20 to 40 minutes |
# | 2-1-1b | its gradients, with pen and paper first | 20 | 1 to 3 hours |
# | 2-1-2 | five models that tell good reviews from bad ones | 20 | 1 to 2 hours, and training |
#
# **Due: {{ deadline }}.** {{ late }} The times are guesses. Training the five models took us 25
# minutes on one core of a CPU.
#
# **How it works**
#
# - The notebook runs on Google Colab as it is: everything it imports is preinstalled there. Put the folder of the
#   assignment, unpacked, on your Drive; the first cell finds it. *Run all* works before you have written anything: a
#   cell whose question is not answered yet says so.
# - Write between the lines `IMPLEMENT YOUR CODE` and `END OF YOUR CODE`. You may add helper functions and cells.
# - Keep the names of functions and the order of their parameters: the grader calls them.
# - Think in whole tensors, not in loops over samples: vectorised code is shorter here, and much faster.
# - After each question stands a cell `check(...)`. It tries your answer on the public cases, here, in a moment. The
#   grader uses other cases of the same kind. Cells that are given (this text, checks, plots) are not graded.
# - Search the web before you write to a teaching assistant. The documentation of
#   [PyTorch](https://docs.pytorch.org/docs/stable/index.html) is good.
#
# **Before you hand in**
#
# - Name your collaborators and your references (web pages, too) in the last text of this notebook. Copied code without
#   its reference is a serious violation of the student code of conduct.
# - Erase prints and comments that nobody needs. **Do not clear the outputs.**
# - `sh CollectSubmission.sh 2000-00000`, with your student ID, packs both notebooks of the assignment and
#   `model_checkpoints/` into `{{ archive }}`. Upload that file.
#
# {{ limits }}

# %%
import torch

# %% [markdown]
# # 2-1-1. A gated recurrent unit by hand (30 points)
#
# A plain recurrent network writes its whole state anew at every word. So it forgets, and its gradients vanish: after
# fifty steps they are a product of fifty factors. A **gated recurrent unit** (GRU,
# [Cho et al. 2014](https://arxiv.org/abs/1406.1078)) *decides* what to rewrite. Each of its values has a small tap,
# the update gate $z$: at $z = 1$ the old value stays, and so does its gradient; at $z = 0$ a new one comes in. A second
# tap, the reset gate $r$, says how much of the past the new value may see.
#
# ![A gated recurrent unit: the old state flows along the top and is multiplied by the update gate z; the new content n,
# made from the input and from the old state behind the reset gate r, is multiplied by 1 - z and
# added](images/gru_gates.svg)
#
# | | equation |
# |---|---|
# | reset gate | $r_t = \sigma\big((W_r x_t + b_{rw}) + (U_r h_{t-1} + b_{rh})\big)$ |
# | update gate | $z_t = \sigma\big((W_z x_t + b_{zw}) + (U_z h_{t-1} + b_{zh})\big)$ |
# | current memory content ("new") | $n_t = \tanh\big((W x_t + b_w) + r_t * (U h_{t-1} + b_h)\big)$ |
# | final memory | $h_t = z_t * h_{t-1} + (1 - z_t) * n_t$ |
#
# $\sigma$ is the logistic sigmoid and $*$ the elementwise product. The reset gate multiplies the recurrent term
# *together with its bias* $b_h$.
#
# The weights of the three parts are stacked, **in the order reset, update, new**, `hidden_size` rows each:
#
# | argument | holds | shape |
# |---|---|---|
# | `input` | $x_t$, one row for each sample | `(batch_size, input_size)` |
# | `hidden` | $h_{t-1}$, one row for each sample | `(batch_size, hidden_size)` |
# | `weight_ih` | $W_r, W_z, W$ | `(3 * hidden_size, input_size)` |
# | `weight_hh` | $U_r, U_z, U$ | `(3 * hidden_size, hidden_size)` |
# | `bias_ih` | $b_{rw}, b_{zw}, b_w$ | `(3 * hidden_size,)` |
# | `bias_hh` | $b_{rh}, b_{zh}, b_h$ | `(3 * hidden_size,)` |
#
# Every tensor is `torch.double` (float64); return that, too (right values in another precision earn 80 %).
#
# **Rules of 2-1-1a and 2-1-1b.** Both functions are written with ordinary tensor operations (products, sums,
# `torch.sigmoid`, `torch.tanh`, `torch.cat`, `torch.einsum`, ...). An answer that uses any of these gets no
# points:
#
# - PyTorch's own GRU: `torch.nn.GRU`, `torch.nn.GRUCell`, `torch.gru`, `torch.gru_cell`, also by way of
#   `torch._C`, `torch._VF` or `torch.ops`;
# - automatic differentiation: `torch.autograd`, `torch.func`, `functorch`, `.backward()`, `requires_grad`,
#   `requires_grad_()`, `enable_grad`, `set_grad_enabled`, `grad_fn`;
# - compilers and threads: `torch.jit`, `torch.compile`, `threading`, `multiprocessing`, `concurrent.futures`.
#
# The rules are about your answer and the code that it calls. You may well use `torch.autograd.gradcheck` or
# [`torch.nn.GRUCell`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GRUCell.html) in a cell of its own to
# test yourself.
#
# **Read more.** [Understanding LSTM Networks](https://colah.github.io/posts/2015-08-Understanding-LSTMs/) (pictures of
# all gates), [The Unreasonable Effectiveness of Recurrent Neural
# Networks](https://karpathy.github.io/2015/05/21/rnn-effectiveness/),
# [Chung et al. 2014](https://arxiv.org/abs/1412.3555) (GRU and LSTM side by side).

# %% [markdown]
# ## 2-1-1a. Forward propagation (10 points)
#
# Difficulty ●●○○○, importance ●●●●●, 20 to 40 minutes.
#
# Write `gru_forward`: the new state $h_t$, of shape `(batch_size, hidden_size)`. Not allowed (see the rules above):
# PyTorch's own GRU, automatic differentiation, compilers, threads.
#
# **One step by hand.** One sample, one input value, one value of state: $x = 1$, $h_{t-1} = 2$, and the weights
# $W_r, W_z, W = 1, -1, \tfrac12$; $U_r, U_z, U = -\tfrac12, 1, \tfrac14$; all biases 0, but for $b_h = \tfrac12$.
#
# | | |
# |---|---|
# | $r$ | $\sigma(1 \cdot 1 - \tfrac12 \cdot 2) = \sigma(0) = 0.5$ |
# | $z$ | $\sigma(-1 \cdot 1 + 1 \cdot 2) = \sigma(1) = 0.7311$ |
# | $n$ | $\tanh\big(\tfrac12 \cdot 1 + 0.5 \cdot (\tfrac14 \cdot 2 + \tfrac12)\big) = \tanh(1) = 0.7616$ |
# | $h_t$ | $0.7311 \cdot 2 + 0.2689 \cdot 0.7616 \approx 1.6669$ |
#
# The cell below your function does this step with your code.
#
# <details><summary>Hint: where do I begin?</summary>
#
# All three parts need the same two products. So multiply once with the stacked weights, and cut the result into three:
# [`torch.chunk`](https://docs.pytorch.org/docs/stable/generated/torch.chunk.html). Write the shape of each result
# beside it as a comment.
# </details>
#
# <details><summary>Hint: a product does not fit</summary>
#
# `input` has its samples in rows, and `weight_ih` has its outputs in rows. Which of the two has to be transposed, so
# that `(batch_size, input_size)` becomes `(batch_size, 3 * hidden_size)`?
# </details>


# %%
def gru_forward(
    input: torch.Tensor,  # (batch_size, input_size), dtype=torch.double
    hidden: torch.Tensor,  # (batch_size, hidden_size), dtype=torch.double
    weight_ih: torch.Tensor,  # (3 * hidden_size, input_size), dtype=torch.double
    weight_hh: torch.Tensor,  # (3 * hidden_size, hidden_size), dtype=torch.double
    bias_ih: torch.Tensor,  # (3 * hidden_size), dtype=torch.double
    bias_hh: torch.Tensor,  # (3 * hidden_size), dtype=torch.double
    # IMPORTANT!
    # The order of the rows in weight_ih, weight_hh, bias_ih, bias_hh
    # is reset, update, new (current)
):
    #####
    # IMPLEMENT YOUR CODE #
    #####
    ### BEGIN SOLUTION
    from_input = input @ weight_ih.T + bias_ih  # (batch_size, 3 * hidden_size)
    from_hidden = hidden @ weight_hh.T + bias_hh  # (batch_size, 3 * hidden_size)
    input_r, input_z, input_n = from_input.chunk(3, dim=1)
    hidden_r, hidden_z, hidden_n = from_hidden.chunk(3, dim=1)

    r = torch.sigmoid(input_r + hidden_r)
    z = torch.sigmoid(input_z + hidden_z)
    n = torch.tanh(input_n + r * hidden_n)
    output = z * hidden + (1 - z) * n
    ### END SOLUTION
    #####
    # END OF YOUR CODE #
    #####
    output: torch.Tensor  # (batch_size, hidden_size)
    return output


# %%
def step_by_hand() -> None:
    """Compare your `gru_forward` with the step that stands above."""
    arguments = [[[1]], [[2]], [[1], [-1], [0.5]], [[-0.5], [1], [0.25]], [0, 0, 0], [0, 0, 0.5]]
    try:
        output = gru_forward(*(torch.tensor(values, dtype=torch.double) for values in arguments))
        print(f"your gru_forward: {output.item():.4f}, by hand: 1.6669")
    except NotImplementedError as error:
        print(error)


step_by_hand()

# %%
check("2-1-1a")

# %% [markdown]
# ## 2-1-1b. Backward propagation (20 points)
#
# Difficulty ●●●●○, importance ●●●●●, 1 to 3 hours, most of them with pen and paper.
#
# Write `gru_backward`: given `grad_output` $= \partial L / \partial h_t$ of some loss $L$, return the gradients
# of $L$ in this order. Each of the five is worth 4 points.
#
# | returned | gradient with respect to | shape |
# |---|---|---|
# | `grad_hidden` | `hidden` | `(batch_size, hidden_size)` |
# | `grad_weight_ih` | `weight_ih` | `(3 * hidden_size, input_size)` |
# | `grad_weight_hh` | `weight_hh` | `(3 * hidden_size, hidden_size)` |
# | `grad_bias_ih` | `bias_ih` | `(3 * hidden_size,)` |
# | `grad_bias_hh` | `bias_hh` | `(3 * hidden_size,)` |
#
# The rows of the four last ones follow the order of the parameters: reset, update, new. $L$ depends on all
# samples of the batch, so a parameter's gradient is the sum over them.
#
# Not allowed (see the rules above): PyTorch's own GRU, automatic differentiation, compilers, threads. Derive
# the gradients with pen and paper first; $\sigma' = \sigma (1 - \sigma)$ and $\tanh' = 1 - \tanh^2$. Gradients that are
# measured, by finite differences or complex steps, are shown to a teaching assistant, who may take the points.
#
# **One path by hand.** Take the step from above, and $\partial L / \partial h_t = 1$. How does $b_w$ reach the output?
# On one path: it is added to the argument of tanh, so $n$ moves by $1 - n^2$ times as much, and $h_t$ by $1 - z$ times
# that. Multiply along the path:
# $\partial L / \partial b_w = 1 \cdot 0.2689 \cdot (1 - 0.7616^2) = 0.1129$. Where several paths lead to the output,
# add what comes back on each of them. The state $h_{t-1}$ has four:
#
# ![The four paths from the old state to the new one: the direct one through the update gate's product, one through the
# update gate itself, one through the reset gate, and one through U in the new content](images/gru_paths.svg)
#
# With all values in one table, your own numbers for the small step should be:
#
# | | reset | update | new |
# |---|---|---|---|
# | `grad_bias_ih` | 0.0282 | 0.2435 | 0.1129 |
# | `grad_bias_hh` | 0.0282 | 0.2435 | 0.0565 |
#
# <details><summary>Hint: in which order?</summary>
#
# Go backwards, from the last equation to the first. Compute the forward pass again, since you need its values. Then
# find the gradients of the *arguments* of the three nonlinearities, each `(batch_size, hidden_size)`. The rest is five
# short lines, all built from these three.
# </details>
#
# <details><summary>Hint: why do the two biases differ in the last column?</summary>
#
# $r$ multiplies the recurrent term of the new content, and its bias with it. It does not multiply the input's term.
# </details>
#
# <details><summary>Hint: from the gradient of a product to those of its factors</summary>
#
# For a batch, $A = X W^T + b$ with samples in the rows of $X$. With $G = \partial L / \partial A$:
# $\partial L / \partial W = G^T X$, $\partial L / \partial b$ is the sum of $G$ over its rows, and
# $\partial L / \partial X = G W$. The shapes leave no other choice. See
# [CS231n's notes](https://cs231n.github.io/optimization-2/).
# </details>


# %%
def gru_backward(
    grad_output: torch.Tensor,  # (batch_size, hidden_size), dtype=torch.double
    #
    input: torch.Tensor,  # (batch_size, input_size), dtype=torch.double
    hidden: torch.Tensor,  # (batch_size, hidden_size), dtype=torch.double
    weight_ih: torch.Tensor,  # (3 * hidden_size, input_size), dtype=torch.double
    weight_hh: torch.Tensor,  # (3 * hidden_size, hidden_size), dtype=torch.double
    bias_ih: torch.Tensor,  # (3 * hidden_size), dtype=torch.double
    bias_hh: torch.Tensor,  # (3 * hidden_size), dtype=torch.double
    # IMPORTANT!
    # The order of the rows in weight_ih, weight_hh, bias_ih, bias_hh
    # is reset, update, new (current)
):
    # Each of the five is marked by itself: one that stays None costs its own points alone.
    grad_hidden = grad_weight_ih = grad_weight_hh = grad_bias_ih = grad_bias_hh = None
    #####
    # IMPLEMENT YOUR CODE #
    #####
    ### BEGIN SOLUTION
    # The forward pass again: its intermediate values are needed below.
    input_r, input_z, input_n = (input @ weight_ih.T + bias_ih).chunk(3, dim=1)
    hidden_r, hidden_z, hidden_n = (hidden @ weight_hh.T + bias_hh).chunk(3, dim=1)
    r = torch.sigmoid(input_r + hidden_r)
    z = torch.sigmoid(input_z + hidden_z)
    n = torch.tanh(input_n + r * hidden_n)

    # Gradients of the arguments of tanh and sigmoid, each (batch_size, hidden_size).
    grad_n = grad_output * (1 - z) * (1 - n**2)
    grad_z = grad_output * (hidden - n) * z * (1 - z)
    grad_r = grad_n * hidden_n * r * (1 - r)

    # r multiplies U h + b_h alone, so the recurrent side of the new block carries it and the input side does not.
    grad_from_input = torch.cat([grad_r, grad_z, grad_n], dim=1)  # (batch_size, 3 * hidden_size)
    grad_from_hidden = torch.cat([grad_r, grad_z, grad_n * r], dim=1)  # (batch_size, 3 * hidden_size)

    grad_hidden = grad_output * z + grad_from_hidden @ weight_hh
    grad_weight_ih = grad_from_input.T @ input
    grad_weight_hh = grad_from_hidden.T @ hidden
    grad_bias_ih = grad_from_input.sum(dim=0)
    grad_bias_hh = grad_from_hidden.sum(dim=0)
    ### END SOLUTION
    #####
    # END OF YOUR CODE #
    #####
    grad_hidden: torch.Tensor  # (batch_size, hidden_size)
    grad_weight_ih: torch.Tensor  # (3 * hidden_size, input_size)
    grad_weight_hh: torch.Tensor  # (3 * hidden_size, hidden_size)
    grad_bias_ih: torch.Tensor  # (3 * hidden_size)
    grad_bias_hh: torch.Tensor  # (3 * hidden_size)
    return grad_hidden, grad_weight_ih, grad_weight_hh, grad_bias_ih, grad_bias_hh


# %% [markdown]
# ## Check your gradients (no points)
#
# Where a derivation may go wrong, measure. The next cell moves each value of each argument a little up and a little
# down, looks how far your own `gru_forward` moves, and compares that with your gradient. It prints the **relative
# error** $|a - b| \,/\, (|a| + |b|)$, the largest of all values.
#
# *What you should see:* five errors of 1e-7 or less. Above 1e-4 something is wrong; at 1 a sign is, or a whole path is
# missing. The cell finds a backward pass that does not belong to your forward pass, and nothing else: first make sure
# that `gru_forward` is right.


# %%
def measured_gradient(change, value: torch.Tensor, step: float = 1e-5) -> torch.Tensor:
    """The gradient of a number `change(value)` by central differences, of the shape of the value."""
    gradient = torch.zeros_like(value)
    for place in range(value.numel()):
        nudge = torch.zeros_like(value)
        nudge.view(-1)[place] = step
        gradient.view(-1)[place] = (change(value + nudge) - change(value - nudge)) / (2 * step)
    return gradient


def check_yourself(batch_size: int = 2, input_size: int = 3, hidden_size: int = 4) -> None:
    """Print whether the output has its shape, and the relative error of each gradient."""
    shapes = {
        "input": (batch_size, input_size),
        "hidden": (batch_size, hidden_size),
        "weight_ih": (3 * hidden_size, input_size),
        "weight_hh": (3 * hidden_size, hidden_size),
        "bias_ih": (3 * hidden_size,),
        "bias_hh": (3 * hidden_size,),
    }
    random = torch.Generator().manual_seed(231)
    values = {name: torch.randn(shape, dtype=torch.double, generator=random) for name, shape in shapes.items()}
    grad_output = torch.randn(batch_size, hidden_size, dtype=torch.double, generator=random)

    try:
        output = gru_forward(*values.values())
        print("gru_forward:", "shape ok" if output.shape == grad_output.shape else f"wrong shape {tuple(output.shape)}")
        gradients = gru_backward(grad_output, *values.values())
    except NotImplementedError as error:
        print(error)
        return

    for name, gradient in zip(["hidden", "weight_ih", "weight_hh", "bias_ih", "bias_hh"], gradients, strict=True):
        if gradient is None:
            print(f"grad_{name} is not written yet")
            continue
        if gradient.shape != shapes[name]:
            print(f"grad_{name}: wrong shape {tuple(gradient.shape)}, expected {shapes[name]}")
            continue
        measured = measured_gradient(
            lambda value, name=name: (gru_forward(*{**values, name: value}.values()) * grad_output).sum(), values[name]
        )
        error = ((gradient - measured).abs() / (gradient.abs() + measured.abs()).clamp(min=1e-8)).max()
        print(f"grad_{name:<9} relative error: {error:.1e}")


check_yourself()

# %%
check("2-1-1b")

# %% [markdown]
# ## To go further (no points)
#
# One step is written; a sentence has many. Run your two functions over a sequence of 50 steps, forward and then
# backward: `grad_hidden` of step $t$ becomes part of `grad_output` of step $t - 1$, and the gradients of the weights
# add up. Compare with `torch.nn.GRU` and `.backward()` in a cell of its own. Then put 3 on the update gate's bias and
# look at the size of `grad_hidden` after 50 steps: that is what the tap is for.

# %% [markdown]
# # Assignment 2-1: Recurrent Neural Networks
#
# This notebook runs on Google Colab as it is: everything it imports is preinstalled there.
#
# - Write only between the lines `IMPLEMENT YOUR CODE` and `END OF YOUR CODE`. You may add helper functions and
#   cells.
# - Keep the functions' names and the order of their parameters: the grader calls them.
# - Do not clear the outputs before you hand in.

# %%
import torch

# %% [markdown]
# # 2-1-1. A gated recurrent unit by hand (30 points)
#
# A gated recurrent unit (GRU) reads one input $x_t$ and its previous state $h_{t-1}$ and returns its new state
# $h_t$.
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
# `torch.nn.GRUCell` in a cell of its own to test yourself.

# %% [markdown]
# ## 2-1-1a. Forward propagation (10 points)
#
# Write `gru_forward`: the new state $h_t$, of shape `(batch_size, hidden_size)`.
#
# Not allowed (see the rules above): PyTorch's own GRU, automatic differentiation, compilers, threads.


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
check("2-1-1a")

# %% [markdown]
# ## 2-1-1b. Backward propagation (20 points)
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
# ## Test yourself (no points)
#
# The next cell looks at the shapes. Then it moves each argument a little in a random direction, and compares how
# your own `gru_forward` changes with what your gradients say. It finds a backward pass that does not belong to
# your forward pass, and nothing else: the grader looks at the values of both.


# %%
def check_yourself(batch_size: int = 2, input_size: int = 3, hidden_size: int = 4, step: float = 1e-6) -> None:
    """Print, for the output and for each gradient, whether its shape and its change along one direction fit."""
    shapes = {
        "input": (batch_size, input_size),
        "hidden": (batch_size, hidden_size),
        "weight_ih": (3 * hidden_size, input_size),
        "weight_hh": (3 * hidden_size, hidden_size),
        "bias_ih": (3 * hidden_size,),
        "bias_hh": (3 * hidden_size,),
    }
    values = {name: torch.randn(shape, dtype=torch.double) for name, shape in shapes.items()}
    grad_output = torch.randn(batch_size, hidden_size, dtype=torch.double)

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
        direction = torch.randn(shapes[name], dtype=torch.double)
        ahead = gru_forward(*{**values, name: values[name] + step * direction}.values())
        behind = gru_forward(*{**values, name: values[name] - step * direction}.values())
        measured = ((ahead - behind) * grad_output).sum() / (2 * step)
        difference = abs(measured - (gradient * direction).sum()).item()
        print(f"grad_{name}: {'ok' if difference < 1e-6 else 'does not fit gru_forward'} (difference {difference:.1e})")


check_yourself()

# %%
check("2-1-1b")

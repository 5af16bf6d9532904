# %% [markdown]
# # Homework 1
#
# Write your code between the banners. Run the cells and keep their outputs.

# %%
import torch

# %% [markdown]
# ## 1. Standardize (10 points)
#
# Write `standardize(x, eps)`: (batch, dim) -> (batch, dim). Each row has its own mean and its own variance, the mean of
# the squared differences from the mean:
#
# $$y = \frac{x - \mathrm{mean}(x)}{\sqrt{\mathrm{var}(x) + \mathrm{eps}}}$$
#
# Not allowed: `layer_norm` and `LayerNorm` of PyTorch.


# %%
def standardize(x, eps):
    #####
    # IMPLEMENT YOUR CODE #
    #####
    ### BEGIN SOLUTION
    mean = x.mean(1, keepdim=True)
    variance = ((x - mean) ** 2).mean(1, keepdim=True)
    y = (x - mean) / torch.sqrt(variance + eps)
    ### END SOLUTION
    #####
    # END OF YOUR CODE #
    #####
    return y


# %%
check("1")

# %% tags=["staff"]
standardize(torch.tensor([[1.0, 2.0, 3.0]]), 1e-5)  # this cell is in no skeleton


# %%
check.all()

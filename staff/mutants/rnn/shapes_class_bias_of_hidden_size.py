# question: 1b
# diagnosis: wrong shapes
# earns: 0
# ruff: noqa: F821
# region: RNN.__init__
shape_weight_ih = (input_size, hidden_size)
shape_bias_ih = (hidden_size,)
shape_weight_hh = (hidden_size, hidden_size)
shape_bias_hh = (hidden_size,)
shape_weight_ho = (hidden_size, num_class)
shape_bias_ho = (hidden_size,)

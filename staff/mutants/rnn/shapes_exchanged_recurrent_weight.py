# question: 1b
# diagnosis: input and hidden sizes exchanged
# earns: 1
# ruff: noqa: F821
# region: RNN.__init__
shape_weight_ih = (input_size, hidden_size)
shape_bias_ih = (hidden_size,)
shape_weight_hh = (input_size, input_size)
shape_bias_hh = (hidden_size,)
shape_weight_ho = (hidden_size, num_class)
shape_bias_ho = (num_class,)

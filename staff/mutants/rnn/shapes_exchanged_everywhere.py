# question: 1b
# diagnosis: input and hidden sizes exchanged
# earns: 1
# ruff: noqa: F821
# region: RNN.__init__
shape_weight_ih = (hidden_size, input_size)
shape_bias_ih = (input_size,)
shape_weight_hh = (input_size, input_size)
shape_bias_hh = (input_size,)
shape_weight_ho = (input_size, num_class)
shape_bias_ho = (num_class,)

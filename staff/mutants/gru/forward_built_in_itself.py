# question: 2-1-1a
# diagnosis: forbidden call
# earns: 0

import torch

step = {name: getattr(torch, name) for name in dir(torch) if name.startswith("gru")}
gru_forward = step["gru_cell"]

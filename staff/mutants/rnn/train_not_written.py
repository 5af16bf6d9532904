# question: 1e
# diagnosis: not written
# earns: 2
def train(model, loader, scheduler):
    """Trains for one epoch -> mean loss, accuracy in percent"""
    raise NotImplementedError("train is not written yet")

# question: 1e
# diagnosis: not written
# earns: 3
def evaluate(model, loader):
    """Trains nothing -> mean loss, accuracy in percent"""
    raise NotImplementedError("evaluate is not written yet")

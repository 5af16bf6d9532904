# question: 1e
# ruff: noqa: F821
def train(net, data_loader, optim):
    net.train()
    losses, hits = [], 0
    for inputs, targets, lens in data_loader:
        outputs = net(inputs, lens)
        loss, hit = net.compute_loss(outputs, targets)
        optim.zero_grad()
        loss.backward()
        optim.step()
        losses.extend([loss.item()] * len(targets))
        hits += hit.item()
    optim.update()
    return torch.tensor(losses, dtype=torch.float64).mean(), torch.tensor(100 * hits / len(losses))

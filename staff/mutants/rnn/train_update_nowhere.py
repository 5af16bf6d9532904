# question: 1e
# diagnosis: update missing
# earns: 4
# ruff: noqa: F821
# region: outside of functions
EPOCHS = 5
model = RNN(len(encoder), input_size=64, hidden_size=128, num_class=4).to(DEVICE)
scheduler = ScheduledOptim(torch.optim.Adam(model.parameters(), lr=2e-3), n_warmup_steps=2, decay_rate=0.6)
for _ in range(EPOCHS):
    print(train(model, train_loader, scheduler), evaluate(model, valid_loader))

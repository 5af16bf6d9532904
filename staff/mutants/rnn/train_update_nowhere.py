# question: 1e
# diagnosis: update missing
# earns: 4
# ruff: noqa: F821
# region: outside of functions
EPOCHS = 5
model = RNN(len(encoder), input_size=64, hidden_size=128, num_class=4).to(DEVICE)
scheduler = ScheduledOptim(torch.optim.Adam(model.parameters(), lr=2e-3), n_warmup_steps=2, decay_rate=0.6)
writer = SummaryWriter("runs/rnn")
for epoch in range(1, EPOCHS + 1):
    for part, (loss, accuracy) in {
        "train": train(model, train_loader, scheduler),
        "valid": evaluate(model, valid_loader),
    }.items():
        writer.add_scalar(f"loss/{part}", loss, epoch)
        writer.add_scalar(f"accuracy/{part}", accuracy, epoch)
test_loss, test_accuracy = evaluate(model, test_loader)
print(f"Test accuracy: {test_accuracy:.2f} %")

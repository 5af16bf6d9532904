# question: 2b
# diagnosis: not written
# ruff: noqa: F821
class LSTMSeq2Seq(nn.Module):
    def __init__(self, in_dim, out_dim, emb_dim, hid_dim, device, dropout):
        super().__init__()
        self.hid_dim = hid_dim
        self.out_dim = out_dim
        self.device = device
        self.encoder = LSTMEncoder(in_dim, emb_dim, hid_dim)
        self.decoder = AttnLSTMDecoder(emb_dim, hid_dim, out_dim, dropout)

    def forward(self, src, trg):
        raise NotImplementedError("LSTMSeq2Seq.forward is not written yet")

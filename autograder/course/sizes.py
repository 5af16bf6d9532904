"""How much may be handed in: the caps that intake keeps to, and that notebooks and the bundle's README name."""

MIB = 1 << 20
MAX_MEMBERS = 10_000  # files and folders of one archive
MAX_FILE = 64 * MIB  # a notebook, with its outputs
MAX_MODEL_MIB = 512  # a file of weights
MAX_MODELS = 20  # of one question
# All of it, unpacked. Five models are asked for at most, which take 2.5 GiB if each is as large as may be, and a disk
# has to hold what is unpacked of all submissions that are measured at the same time.
MAX_TOTAL = 4096 * MIB

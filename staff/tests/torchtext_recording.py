"""Random inputs for torchtext and what it makes of them: the fuzz that test_torchtext.py repeats.

`python staff/tests/torchtext_recording.py` writes the recording anew, from the torchtext that `data.install_torchtext`
finds. That it is what the real 0.18.0 does has to be looked at whenever it changes.
"""

import importlib
import json
import random
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("torchtext_recording.json")
SEED = 18
LINES = 120
VOCABULARIES = 40
WORDS = "the The CAT don't U.S. $1,000.50 a-b e@f.com 3.5% İstanbul ÉTÉ straße 안녕 “quoted” ’s _x_ … <unk> 2004"
MARKS = "' '' \" \"\" . .. ... , ,, ( ) (( )) ! !! ? ?! ; : :: & \\ / #39; &lt;b&gt; ** — <br/>"
PIECES = [*WORDS.split(), *MARKS.split(), "<br />", "<BR />", "<br  />"]
GAPS = ["", "", " ", " ", "  ", "\t", "\n", "\u00a0", "\u2003", "\u200b", "\x1c"]


def inputs() -> dict[str, Any]:
    """Lines to tokenize, and vocabularies to build and ask, as JSON holds them."""
    source = random.Random(SEED)
    lines = [
        "".join(source.choice(PIECES) + source.choice(GAPS) for _ in range(source.randint(0, 12))) for _ in range(LINES)
    ]
    return {"lines": lines, "vocabularies": [_vocabulary(source) for _ in range(VOCABULARIES)]}


def _vocabulary(source: random.Random) -> dict[str, Any]:
    words = [*"abcdefg", "B", "é", "안", "<unk>", "<pad>"]
    texts = [source.choices(words, k=source.randint(0, 8)) for _ in range(source.randint(0, 6))]
    specials = source.sample(["<unk>", "<pad>", "c"], source.randint(0, 3))
    options: dict[str, Any] = {"min_freq": source.randint(1, 3), "special_first": source.random() < 0.7}
    if specials:
        options["specials"] = specials
    if source.random() < 0.3:
        options["max_tokens"] = source.randint(1, 8)
    default = source.choice([None, 0, 1, 99])
    return {"texts": texts, "options": options, "default": default, "ask": source.choices([*words, "missing"], k=5)}


def outputs(given: dict[str, Any]) -> dict[str, Any]:
    """What the torchtext that can be imported now makes of the inputs; errors by the name of their class."""
    tokenizer = importlib.import_module("torchtext.data.utils").get_tokenizer("basic_english")
    return {
        "lines": [tokenizer(line) for line in given["lines"]],
        "vocabularies": [_answers(**vocabulary) for vocabulary in given["vocabularies"]],
    }


def _answers(texts: list[list[str]], options: dict[str, Any], default: int | None, ask: list[str]) -> dict[str, Any]:
    try:
        built = importlib.import_module("torchtext.vocab").build_vocab_from_iterator(iter(texts), **options)
    except AssertionError:
        return {"error": "AssertionError"}
    if default is not None:
        built.set_default_index(default)
    found = []
    for token in ask:
        try:
            found.append(built[token])
        except RuntimeError:
            found.append("RuntimeError")
    return {"tokens": built.get_itos(), "found": found, "contained": [token in built for token in ask]}


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    print("recorded from", importlib.import_module("data").install_torchtext())
    asked = inputs()
    lines = [f'"{key}": {json.dumps(value)}' for key, value in (("inputs", asked), ("outputs", outputs(asked)))]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")

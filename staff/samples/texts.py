"""Generated texts in the form of AG_NEWS and IMDB: sentences put together from lists of phrases, one list per class.

A tenth of the sentences comes from another class (news) or says the opposite (reviews), so that no single word tells.
"""

import random

NEWS_LABELS = (1, 2, 3, 4)


def _phrases(text: str) -> list[str]:
    return text.split("|")


_SUBJECTS = {
    1: _phrases(
        "The prime minister|Foreign ministers|Rebel leaders|The president|Peace envoys|United Nations inspectors|"
        "Election officials|The opposition|Security forces|Refugee families|The parliament|Border guards"
    ),
    2: _phrases(
        "The home team|The young striker|The coach|The defending champion|The relay swimmers|The goalkeeper|"
        "The tennis star|The visiting side|The sprinter|The quarterback|The cycling squad|The captain"
    ),
    3: _phrases(
        "The airline|Shareholders|The central bank|Oil producers|The retailer|Analysts|The car maker|Bond traders|"
        "The insurer|The steel company|Investors|The chief executive"
    ),
    4: _phrases(
        "Researchers|The software maker|Astronomers|The chip designer|Engineers|The search engine|Biologists|"
        "The space agency|Programmers|The phone maker|Security experts|The robotics laboratory"
    ),
}
_VERBS = {
    1: _phrases(
        "signed a truce|rejected the treaty|called for an election|crossed the border|condemned the attack|"
        "resumed the peace talks|lifted the curfew|freed the hostages|imposed new sanctions|promised humanitarian aid"
    ),
    2: _phrases(
        "won the final|scored twice|lost in extra time|broke the season record|reached the semifinal|missed a penalty|"
        "signed a new contract with the club|took the gold medal|led at half time|was injured in training"
    ),
    3: _phrases(
        "raised its profit forecast|cut interest rates|sold a stake|reported quarterly losses|announced a merger|"
        "pushed the shares higher|filed for bankruptcy|lowered prices|paid a record dividend|bought a rival"
    ),
    4: _phrases(
        "released a free browser|found a distant planet|patched a security hole|tested a faster processor|"
        "launched a satellite|mapped the genome|built a walking robot|unveiled a wireless network|"
        "stopped a computer virus|stored data on a tiny disk"
    ),
}
_ENDINGS = {
    1: _phrases(
        "after weeks of violence|in the capital|amid street protests|near the disputed region|ahead of the summit|"
        "despite international pressure"
    ),
    2: _phrases(
        "in front of a full stadium|in the last minute of the match|at the championship|after a poor first round|"
        "in the league opener|on a wet pitch"
    ),
    3: _phrases(
        "as markets closed lower|on weak consumer demand|in early trading|after a poor quarter|"
        "as crude prices rose|to calm worried lenders"
    ),
    4: _phrases(
        "using open source code|in a laboratory experiment|with a new telescope|on the internet|for mobile devices|"
        "with machine learning"
    ),
}
_DAYS = _phrases("on Monday|on Tuesday|on Wednesday|on Thursday|on Friday|over the weekend|this week|late last night")
_SOURCES = _phrases("(Generated)|- GENERATED WIRE -|A generated report says:")

_THINGS = _phrases("acting|plot|script|camera work|music|ending|dialogue|cast|pacing|humour|story|direction")
_JUDGEMENTS = {
    0: _phrases("dull|awful|predictable|painfully slow|unconvincing|a complete waste|lifeless|clumsy|annoying|a mess"),
    1: _phrases("wonderful|moving|brilliant|refreshingly honest|gripping|a real delight|superb|charming|clever|a joy"),
}
_OPINIONS = {
    0: _phrases(
        "I nearly walked out.|Do not waste your evening.|I wanted my money back.|Nothing in it works.|"
        "Even the good actors look bored.|I fell asleep halfway through."
    ),
    1: _phrases(
        "I could watch it again tomorrow.|Do not miss it.|It stayed with me for days.|Everything in it works.|"
        "Even the smallest part is played with love.|The whole audience cheered."
    ),
}
_NEUTRAL = _phrases(
    "I saw it with my sister on a rainy Sunday.|It runs for almost two hours.|The film is set in a small town.|"
    "It was made in the early nineties.|There is a long scene on a train.|Two brothers inherit a farm.|"
    "A detective returns to her village.|I had read the book before."
)
_FRAMES = _phrases("The {thing} is {judgement}.|I found the {thing} {judgement}.|For me, the {thing} was {judgement}.")
_OTHERWISE = 0.1


def news(source: random.Random, count: int) -> list[tuple[int, str, str]]:
    """(label, title, description) of `count` news, every label equally often, in random order."""
    rows = [_one_news(source, NEWS_LABELS[number % len(NEWS_LABELS)]) for number in range(count)]
    source.shuffle(rows)
    return rows


def reviews(source: random.Random, count: int) -> list[tuple[int, str]]:
    """(label, text) of `count` reviews, as many positive (1) as negative (0), in random order."""
    rows = [(number % 2, _one_review(source, number % 2)) for number in range(count)]
    source.shuffle(rows)
    return rows


def _one_news(source: random.Random, label: int) -> tuple[int, str, str]:
    sentences = []
    for _ in range(source.randint(1, 3)):
        kind = source.choice(NEWS_LABELS) if source.random() < _OTHERWISE else label
        sentences.append(f"{_clause(source, kind)} {source.choice(_DAYS)}, {source.choice(_ENDINGS[kind])}.")
    return label, _clause(source, label), f"{source.choice(_SOURCES)} {' '.join(sentences)}"


def _clause(source: random.Random, kind: int) -> str:
    return f"{source.choice(_SUBJECTS[kind])} {source.choice(_VERBS[kind])}"


def _one_review(source: random.Random, label: int) -> str:
    sentences = []
    for _ in range(source.randint(4, 10)):
        kind = 1 - label if source.random() < _OTHERWISE else label
        judged = source.choice(_FRAMES).format(thing=source.choice(_THINGS), judgement=source.choice(_JUDGEMENTS[kind]))
        sentences.append(source.choice([judged, judged, source.choice(_OPINIONS[kind]), source.choice(_NEUTRAL)]))
    return "<br /><br />".join([" ".join(sentences), "(Generated review.)"])

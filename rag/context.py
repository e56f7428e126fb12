"""What a sentence needs around it to be understood by itself: the sentences that it leans on, and its heading.

No grammar is parsed: a sentence leans where its first words point back ("This action…", "Both have been shown…",
"About half of them…"). What it points at is taken to be the sentence before it, or the heading that it opens.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index import Document, Sentence

MIN_WORDS = 3
FRAGMENT_WORDS = 12
QUOTE_LETTERS = 500
"""How long a quote may grow by what its sentence leans on."""
SHORT_REPLY_WORDS = 6

REPLY = (
    r"(?:(?:no|yes)[,.;:!]"
    r"|(?:no|not|yes|probably|maybe|perhaps|possibly|sometimes|rarely|usually)\b[^.!?]{0,25}[.!]\s*$)"
)
REPLIES = re.compile(REPLY, re.IGNORECASE)
"""It begins with an answer that says nothing without its question: "Not by much, if at all."."""
LEANS = re.compile(
    r"(?:(?:it|its|it['’]s|they|their|them|this|these|those|such|he|she|his|her|the (?:former|latter|answer|same)"
    r"|one (?:class|such|of these)|that(?! (?:it|they|he|she|this|the)\b)|as a result|consequently|therefore|thus|hence"
    r"|however|but|in (?:contrast|addition|this(?! (?:study|trial|review|article|paper|analysis))|these|that)"
    r"|for (?:instance|example|this)|moreover|furthermore|also"
    r"|and|or|so|instead|specifically|similarly|likewise|then|there(?=,))\b[\s,]"
    r"|(?:both|neither|either|each|all|most|some|many|few|several|others|another)\s+(?:of (?:them|these|those)\b"
    r"|(?:is|are|was|were|has|have|had|do|does|did|can|may|might|will|would|could|should|also|then"
    r"|\w{3,}ed (?:with|from|in|by|to|that|at|on|after))\b)"
    r"|the two (?!\w+s\b)|the (?:first|second|third|others?|rest)\s+(?:is|was|are|were|ones?|has|had|can|may"
    r"|of (?:them|these))\b|(?:one|another) (?:idea|reason|explanation|possibility|theory|hypothesis|cause|way"
    r"|option)\s+(?:is|was|may|might)\b"
    rf"|{REPLY})",
    re.IGNORECASE,
)
LEANS_LIGHTLY = re.compile(
    r"(?:however|moreover|furthermore|specifically|therefore|consequently|in addition|also|and|but|so|then|for"
    r" (?:instance|example)|thus|hence|similarly|likewise|as a result)\b[\s,]+(?!(?:it|its|they|their|this|these|those"
    r"|such|he|she)\b)",
    re.IGNORECASE,
)
"""It begins with a word that joins it to others, and says what it is about all the same."""
POINTS_ASIDE = re.compile(
    r"(?:(?:if|when|why|how|whether|because|since|as|while|although|though|until|once|after|before|about|nearly|over"
    r"|more|most|less|half|part|some|many|much|all|none|nobody|than|of|in|on|to|for|with|without|from|by|at|only|never"
    r"|do|does|not|don['’]t|take|taking|use|using|you|we|also|tell|your|doctor|find|finding|know|knows|notice|have|feel|see|percent"
    r"|[\d.,]+%?|or|and|an?|the|few|third|quarter|two|three)\s+){1,6}(?:it|its|them|they|their|this|these"
    r"|those(?! (?:who|with|that|in|of|which|without)\b))\b"
    r"(?! (?:study|trial|review|article|paper|leaflet|page|analysis)\b)",
    re.IGNORECASE,
)
"""Its first words point back, though it may be understood without: "About half of them…", "If you notice these…"."""
ENDS = re.compile(r"[.!?:;…][\"'”’)\]]*$")


def standing_alone(document: Document, every: Sequence[Sentence], i: int) -> Sentence | None:
    """The sentence, with what stands before it that it leans on; None where that is missing."""
    sentence = every[i]
    if sentence.text.endswith("?") or len(sentence.text.split()) < MIN_WORDS or is_label(document, sentence):
        return None
    start = _start(document, every, i)
    if start is None or sentence.end - start > QUOTE_LETTERS:
        if leans(sentence.text):
            return None
        start = sentence.start
    return replace(sentence, start=start, text=document.text[start : sentence.end])


def leans(text: str) -> bool:
    """Whether a sentence cannot be understood without the one before it."""
    return LEANS.match(text) is not None and not LEANS_LIGHTLY.match(text)


def _start(document: Document, every: Sequence[Sentence], i: int) -> int | None:
    """Where a quote of the sentence has to start to be understood; None where what it leans on is missing."""
    sentence, at = every[i], _block_index(document, every[i].start)
    needed = leans(sentence.text)
    opens = at is not None and sentence.start == document.blocks[at].start
    before = None if opens or i == 0 or at is None else every[i - 1]
    if sentence.text.endswith("?") or not (needed or _wants_more(sentence, before)):
        return sentence.start
    above = document.blocks[at - 1] if at else None
    start = None
    if before or (needed and i and above and above.kind == "paragraph" and every[i - 1].start >= above.start):
        start = _start(document, every, i - 1)
    elif above and above.kind == "heading":
        start = above.start
    return sentence.start if start is None and not needed else start


def _wants_more(sentence: Sentence, before: Sentence | None) -> bool:
    """Whether it is understood better with what stands before: a short reply to a question, words that point back."""
    if before is None:
        return len(sentence.text.split()) <= SHORT_REPLY_WORDS and sentence.heading.endswith("?")
    replies = before.text.endswith("?") and len(sentence.text.split()) <= SHORT_REPLY_WORDS
    replied = len(before.text.split()) <= SHORT_REPLY_WORDS and REPLIES.match(before.text) is not None
    return replies or replied or POINTS_ASIDE.match(sentence.text) is not None


def is_label(document: Document, sentence: Sentence) -> bool:
    """Whether a sentence is but a line that names or dates something: a byline, a numbered heading, contents."""
    if ENDS.search(sentence.text) or len(sentence.text.split()) > FRAGMENT_WORDS:
        return False
    at = _block_index(document, sentence.start)
    if at is None or document.blocks[at].kind == "paragraph":
        return at is not None
    return _is_heading(document, at) or len(list(_places(document, sentence.text))) > 1


def _places(document: Document, line: str) -> Iterator[int]:
    """The positions of the blocks that consist of this line."""
    start = document.text.find(line)
    while start >= 0:
        at = _block_index(document, start)
        if at is not None and document.text[document.blocks[at].start : document.blocks[at].end].strip() == line:
            yield at
        start = document.text.find(line, start + len(line))


def _is_heading(document: Document, at: int) -> bool:
    """Whether a block is a heading, or a list item above a paragraph that stands alone or is listed twice: a numbered
    heading, which its contents may list too."""
    block = document.blocks[at]
    if block.kind != "item" or [other.kind for other in document.blocks[at + 1 : at + 2]] != ["paragraph"]:
        return block.kind == "heading"
    line = document.text[block.start : block.end].strip()
    if len(line.split()) > FRAGMENT_WORDS or ENDS.search(line):
        return False
    alone = at == 0 or document.blocks[at - 1].kind != "item"
    return alone or len(list(_places(document, line))) > 1


def _block_index(document: Document, offset: int) -> int | None:
    """The position of the block that holds a character."""
    at = bisect_right(document.blocks, offset, key=lambda block: block.start) - 1
    return at if at >= 0 and offset < document.blocks[at].end else None


def heading_of(document: Document, every: Sequence[Sentence], i: int) -> str:
    """What a sentence stands under: the question that opens its paragraph, a numbered line, or its heading."""
    sentence = every[i]
    at = _block_index(document, sentence.start)
    if at is None:
        return sentence.heading
    for earlier in (every[j] for j in range(i - 1, -1, -1)):
        if earlier.start < document.blocks[at].start:
            break
        if earlier.text.endswith("?"):
            return earlier.line
    for above in range(at - 1, -1, -1):
        if document.blocks[above].kind == "heading":
            break
        if _is_heading(document, above):
            return " ".join(document.text[document.blocks[above].start : document.blocks[above].end].split())
    return sentence.heading


def table_rows(document: Document, start: int, end: int) -> Iterator[Sentence]:
    """The rows between two offsets that hold a figure, each under its heading and the first row of its table."""
    heading = header = ""
    for block in document.blocks[: bisect_left(document.blocks, end, key=lambda block: block.start)]:
        if block.kind not in ("heading", "row"):
            header = ""
            continue
        line = " ".join(document.text[block.start : block.end].split())
        if block.kind == "heading":
            heading, header = line, ""
            continue
        header = header or line
        if line != header and start <= block.start and re.search(r"\d", line):
            above = " | ".join(part for part in (heading, header) if part)
            yield Sentence(document.id, block.start, block.end, document.text[block.start : block.end], above)

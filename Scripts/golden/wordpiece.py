"""Texts as word pieces, as Hugging Face's tokenizers has them: a vocabulary of its own, made of the
words here, and hundreds of texts that are not easy to split.

The environment of these scripts has the package; of Keras nothing is needed."""

import json
import os
import random
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

FILE = Path(__file__).resolve().parents[2] / "Tests" / "Golden" / "tokenizers" / "wordpiece.json"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

SENTENCES = """
The quick brown fox jumps over the lazy dog. Pack my box with five dozen liquor jugs!
Embeddings of unbelievably long sentences are unaffordable, aren't they?
She said: "I can't — won't — go there", and left at 10:45 on 2024-02-29.
Prices rose by 3.5 % to $1,299.99 (about €1.200,00); see https://example.org/a_b?c=d&e=f#g.
e-mail first.last+tag@example.co.uk or call +49 (0)30 123456-78
Internationalization, tokenization, normalization and standardization.
state-of-the-art machine-learning models' weights; it's what we've got, isn't it?
Caf\u00e9 cr\u00e8me, na\u00efve r\u00e9sum\u00e9, \u00c5ngstr\u00f6m, \u00fcber stra\u00dfe, S\u00e3o Paulo, \u0141\u00f3d\u017a, \u010cesk\u00fd
a1b2c3 3D 4x4 H2O CO2 x86_64 v1.2.3-rc4 0xDEADBEEF 1e-5 \u00bd \u00b2 \u2462 \u2167
""".strip().split("\n")

TEXTS = SENTENCES + [
    "", " ", "   ", "\t\n\r", "a", "A", "##a", "# #", "##", "ab##ing", ".", "...", "!?", "a.b", ".a", "a.",
    " leading", "trailing ", "two  spaces", "tab\tnew\nline\rreturn", "\x0bvertical\x0cform",
    "null\x00in", "bell\x07ring", "del\x7fete", "next\x85line", "\u200b", "zero\u200bwidth", "join\u200der",
    "non\u200cjoin", "bom\ufeffhere", "soft\u00adhyphen", "word\u2060joiner", "ltr\u200ertl\u200f mark",
    "\u202eoverride\u202c", "no\u00a0break", "thin\u2009space", "em\u2003space", "ogham\u1680space",
    "line\u2028para\u2029graph", "ideographic\u3000space", "narrow\u202fspace", "math\u205fspace",
    "replacement \ufffd character", "private \ue000 use \U000f0000", "non\uffffcharacter", "\U0010fffe",
    # Accents, composed, decomposed, in heaps, without a letter.
    "cafe\u0301", "caf\u00e9", "\u0301", "a\u0301\u0316\u0327b", "a\u0316\u0301", "e" + "\u0301" * 50 + "x",
    "Z\u0351\u036b\u0343\u036aa\u0334l\u0321g\u0322o\u0315", "\u1e69 s\u0323\u0307 s\u0307\u0323", "\u01d6 \u1ed9 \u1eb7",
    "\u0130stanbul \u0131rmak I\u0307", "\u00df \u1e9e SS", "\ufb01re \ufb04", "\u01c4 \u01c5 \u01c6", "\u0149",
    "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 \u1f08\u03b8\u1fc6\u03bd\u03b1\u03b9", "\u0399\u0308\u0301 \u0390", "\u037e \u0387 \u1fef",
    "\u212b \u2126 \u212a", "\u2260 \u226e \u2209", "\u00c6sir \u0152uvre \u00d8re \u0110", "\u0141\u0142 \u0126\u0127",
    "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0401\u0436 \u0439\u043e\u0434", "\u0492 \u04d8 \u0407",
    # Scripts without spaces, from right to left, of marks that follow, of syllables.
    "\u4f60\u597d\u4e16\u754c", "\u4f60 \u597d", "abc\u4e2d\u6587def", "\u4e2d\u0301\u6587", "\u3402\U00020000\uf900\U0002f800",
    "\u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8", "\u304c\u304b\u3099", "\uff76\uff9e", "\uff21\uff22\uff23\uff11\uff0c", "\u3001\u3002\u300c\u300d",
    "\ud55c\uad6d\uc5b4 \uc548\ub155", "\u1112\u1161\u11ab", "\u3131\u314f", "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd", "\u0645\u0631\u062d\u0628\u0627\u064b \u0628\u0650\u0643", "\u0623\u0622\u0624",
    "\u0939\u093f\u0928\u094d\u0926\u0940 \u0915\u093c \u0958", "\u09ac\u09be\u0982\u09b2\u09be \u09cb \u09c7\u09be", "\u0ba4\u0bae\u0bbf\u0bb4\u0bcd \u0bca", "\u0e44\u0e17\u0e22\u0e20\u0e32\u0e29\u0e32 \u0e33",
    "\u0f56\u0f7c\u0f51\u0f0b", "\u1798\u17c1", "\u10e5\u10d0\u10e0\u10d7\u10e3\u10da\u10d8", "\u0540\u0561\u0575\u0565\u0580\u0565\u0576 \u0587", "\u1200\u121b\u122d\u129b\u1361",
    "mixed\u0441\u043a\u0440\u0438\u043ft", "\U00010400\U00010428", "\U0001d400\U0001d41a \U0001d7d8", "\u24b6\u24d0 \u2160\u2170",
    # Pictures, and what changes them.
    "\U0001f600", "ok\U0001f44dok", "\U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea", "\u2764\ufe0f", "1\ufe0f\u20e3",
    "\u2603 \u2713 \u2192 \u221e \u00a9 \u00ae \u2122 \u00b0C \u00b5m", "\u20ac \u00a3 \u00a5 $ \u00a2 \u20bf", "\u00a1\u00bf\u00ab\u00bb\u2018\u2019\u201c\u201d\u2026\u2014\u2013\u2010\u2011", "\u2032 \u203d \u2e2e \u00b7 \u30fb \uff65",
    "+ < = > ^ ` | ~ $ - _ * / \\ @ # % & ( ) [ ] { } ; : , \" '", "a+b<c=d>e^f`g|h~i$j", "\u00ac \u00b1 \u00d7 \u00f7 \u00a6 \u00a7 \u00b6 \u00a8 \u00b4 \u00b8",
    # Words about as long as words may be.
    "a" * 99, "a" * 100, "a" * 101, "x" + "\u00e9" * 99, "x" + "\u00e9" * 100, "e\u0301" * 51, "e\u0301" * 101,
    "\u00df" * 100, "\U0001f600" * 101, "a" * 60 + "\u200b" * 60 + "b" * 41, "a" * 100 + "." + "b" * 100, "\u0130" * 100,
    # What looks like a special token.
    "[MASK]", "the [MASK] dog", "a[MASK]b", "[mask]", "[ MASK ]", "[[MASK]]", "[CLS] a [SEP] b [SEP]", "[PAD][PAD]",
    "[UNK]", "[MAS", "[MASK", "[MASK]\u0301", "\u4e2d[SEP]\u6587", "[SEP", "x" * 101 + "[SEP]",
]

# name, options of the tokenizer, number of texts from the front of those it is asked for
CASES = [
    ("uncased", dict(lowercase=True, stripAccents=True), None),
    ("cased", dict(), None),
    ("lowercase", dict(lowercase=True), 130),
    ("accents", dict(stripAccents=True), 130),
    ("no_cjk", dict(lowercase=True, stripAccents=True, splitOnCJK=False), 150),
    ("no_split", dict(lowercase=True, stripAccents=True, split=False), 150),
    ("special", dict(lowercase=True, stripAccents=True, specialTokens=SPECIAL), None),
    ("packed", dict(lowercase=True, stripAccents=True, startToken="[CLS]", endToken="[SEP]",
                    padToken="[PAD]", sequenceLength=8), None),
    ("shortest", dict(startToken="[CLS]", endToken="[SEP]", sequenceLength=2), 12),
]


def lasting(code):
    """Whether Unicode has not changed its mind about a character; the tables of all who split
    texts are of some version of it."""
    old, new = unicodedata.ucd_3_2_0, unicodedata
    character = chr(code)
    return (old.category(character) not in ("Cn", "Cs")
            and old.category(character) == new.category(character)
            and old.decomposition(character) == new.decomposition(character))


def any_texts():
    """Texts of characters of all blocks in any order, with letters between some of them."""
    draw = random.Random(5)
    blocks = [(0x20, 0x7f), (0x80, 0x24f), (0x250, 0x36f), (0x370, 0x58f), (0x590, 0x8ff),
              (0x900, 0xdff), (0xe00, 0x11ff), (0x1e00, 0x1fff), (0x2000, 0x2bff), (0x3000, 0x33ff),
              (0x4e00, 0x9fff), (0xac00, 0xd7a3), (0xf900, 0xffff), (0x10000, 0x2fa1f)]
    pools = [[code for code in range(first, last + 1) if lasting(code)] for first, last in blocks]
    texts = []
    for pool in pools * 7:
        codes = [draw.choice(pool) for _ in range(6)] + [draw.choice(draw.choice(pools))]
        texts.append("".join(chr(code) + draw.choice(["", "", "a", "er", " "]) for code in codes))
    return texts


def vocabulary():
    """Letters, and the parts of the words above that are there often, alone and inside words."""
    def words(text, **options):
        normalizer = normalizers.BertNormalizer(**options)
        return [word for word, _ in
                pre_tokenizers.BertPreTokenizer().pre_tokenize_str(normalizer.normalize_str(text))]

    letters, parts = Counter(), Counter()
    for text in TEXTS:
        if text in SPECIAL:
            continue
        for lowercase in (True, False):
            for word in words(text, lowercase=lowercase, strip_accents=lowercase)[:60]:
                letters.update(word[:20])
    for text in SENTENCES:
        for lowercase in (True, False):
            for word in words(text, lowercase=lowercase, strip_accents=lowercase):
                for start in range(len(word)):
                    for end in range(start + 2, min(len(word), start + 7) + 1):
                        parts[("##" if start else "") + word[start:end]] += end - start
    def ranked(counts):
        return [entry for entry, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    single = ranked(letters)[:170]
    inside = ["##" + letter for letter in single if unicodedata.category(letter)[0] in "LMN"][:110]
    return SPECIAL + single + inside + ranked(parts)[:500 - len(SPECIAL) - len(single) - len(inside)]


def tokenizer(vocabulary, lowercase=False, stripAccents=False, split=True, splitOnCJK=True,
              startToken=None, endToken=None, padToken=None, sequenceLength=None,
              specialTokens=()):
    numbers = {piece: number for number, piece in enumerate(vocabulary)}
    result = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=100))
    result.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=split and splitOnCJK, strip_accents=stripAccents,
        lowercase=lowercase)
    if split:
        result.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if specialTokens:
        result.add_special_tokens(list(specialTokens))
    if startToken:
        result.post_processor = processors.TemplateProcessing(
            single=f"{startToken} $A {endToken}",
            special_tokens=[(token, numbers[token]) for token in (startToken, endToken)])
    if sequenceLength is not None:
        result.enable_truncation(sequenceLength)
        result.enable_padding(length=sequenceLength, pad_id=0, pad_token="[PAD]")
    return result


if __name__ == "__main__":
    texts, pieces = TEXTS + any_texts(), vocabulary()
    assert len(set(pieces)) == len(pieces) == 500, len(pieces)
    cases = []
    for name, options, count in CASES:
        encode = tokenizer(pieces, **options).encode
        ids = [encode(text).ids for text in texts[:count]]
        cases.append(json.dumps({"name": name, "options": options, "ids": ids},
                                separators=(",", ":")))
    # Ways to write one letter, so that they stay what they are, as escapes.
    lines = ",\n".join(json.dumps(text) for text in texts)
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(
        f'{{"versions": {{"tokenizers": "{tokenizers.__version__}"}},\n'
        f'"vocabulary": {json.dumps(pieces)},\n"texts": [\n{lines}\n],\n'
        '"cases": [\n' + ",\n".join(cases) + "\n]}\n")
    print(f"wordpiece: {len(texts)} texts, {os.path.getsize(FILE) / 1024:.0f} KiB", file=sys.stderr)

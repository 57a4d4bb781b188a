"""Small sentencepiece models trained on the excerpt, and how sentencepiece itself encodes texts with them; a byte-level BPE
as `vocab.json` and `merges.txt`, and how transformers encodes with it."""

import io
import json
import shutil

import sentencepiece

from common import EXCERPT, MODEL_GOLDEN, write_json

FOLDER = MODEL_GOLDEN / "tokenizers"
TEXTS = [
    "",
    " ",
    "   ",
    "Once upon a time, there was a little girl named Lily.",
    " a leading blank",
    "two  blanks,   three blanks and a trailing one ",
    "line\none\n\nline two\ttab\r\nend",
    "Grüße aus Köln: naïve café, Ærøskøbing",
    "Привет, мир! 你好，世界。こんにちは",
    "emoji 😀👩‍👩‍👧‍👦🇩🇪 and \u2581 the marker itself",
    "full\u3000width ＡＢＣ１２３ and ﬁ ligature, no\u00a0break",
    "e\u0301 composed é, zero\u200bwidth, \ufeffmark",
    "12345 67,890.12 (x+y)*z != 0; a_b-c/d\\e \"quoted\" 'single'",
    "the the the thethethe aaaaaaaaaaaaaaaaaaaaaaaa",
    "\u0000\u0001\u001f\u007f control",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈 \U0010ffff",
]
RULES = {"ﬁ": "fi", "\u00a0": " ", "\u3000": " ", "\t": " ", "\n": " ", "\r": " ", "Ａ": "A", "Ｂ": "B", "Ｃ": "C",
         "１": "1", "２": "2", "３": "3"}


def models(rules):
    """Name and options: as LLaMA and Baichuan, as Gemma, as T5 and XLM-R, and without a way out for unknown characters."""
    yield "llama", dict(model_type="bpe", byte_fallback=True, normalization_rule_name="identity",
                        remove_extra_whitespaces=False, split_digits=True, vocab_size=520)
    yield "gemma", dict(model_type="bpe", byte_fallback=True, normalization_rule_name="identity",
                        remove_extra_whitespaces=False, add_dummy_prefix=False, split_digits=True, vocab_size=520,
                        user_defined_symbols=["\n", "\n\n", "<unused0>"])
    yield "unigram", dict(model_type="unigram", normalization_rule_tsv=rules, vocab_size=300)
    yield "unigram-bytes", dict(model_type="unigram", byte_fallback=True, normalization_rule_name="identity",
                                remove_extra_whitespaces=False, vocab_size=520)
    yield "bpe-unknown", dict(model_type="bpe", normalization_rule_tsv=rules, vocab_size=300)


def train(name, options):
    model = io.BytesIO()
    lines = EXCERPT.read_text(encoding="utf-8").splitlines()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=model, minloglevel=2, num_threads=1, **options
    )
    (FOLDER / f"{name}.model").write_bytes(model.getvalue())
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def byte_level():
    """GPT-2's form, trained with the tokenizers library; ids by transformers' GPT2Tokenizer reading the two files."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Tokenizer

    folder = FOLDER / "byte-level"
    folder.mkdir()
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train([str(EXCERPT)], vocab_size=400, special_tokens=["<|endoftext|>"], show_progress=False)
    tokenizer.save_model(str(folder))
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "GPT2Tokenizer"}\n')
    return GPT2Tokenizer.from_pretrained(folder)


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    rules = FOLDER / "rules.tsv"
    rules.write_text("".join(f"{' '.join(f'{ord(c):X}' for c in k)}\t{' '.join(f'{ord(c):X}' for c in v)}\n"
                             for k, v in RULES.items()))
    ids = {name: [processor.encode(text) for text in TEXTS]
           for name, options in models(str(rules)) for processor in [train(name, options)]}
    rules.unlink()
    gpt2 = byte_level()
    ids["byte-level"] = [gpt2(text, add_special_tokens=False)["input_ids"] for text in TEXTS]
    write_json(FOLDER / "expected.json", {"texts": TEXTS, "ids": {k: [json.dumps(i) for i in v] for k, v in ids.items()}})


if __name__ == "__main__":
    main()

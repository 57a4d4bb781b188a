"""Places and formats of the golden files."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parents[2]
STORIES = ROOT / "examples/models/stories"
MODEL_GOLDEN = ROOT / "libs/model/src/test/resources/golden"
PRUNING_GOLDEN = ROOT / "libs/pruning/src/test/resources/golden"
EXCERPT = MODEL_GOLDEN / "perplexity.txt"


def write_tensors(path, tensors):
    """Integers become I32; everything else keeps its type."""
    path.parent.mkdir(parents=True, exist_ok=True)
    narrowed = {
        name: (t.to(torch.int32) if t.dtype == torch.int64 else t).detach().contiguous().clone()
        for name, t in tensors.items()
    }
    save_file(narrowed, path)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


def excerpt_tokens():
    """The excerpt, encoded once, with one BOS at its very start."""
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(STORIES / "tokenizer.json"))
    ids = tokenizer(EXCERPT.read_text(encoding="utf-8"), add_special_tokens=False)["input_ids"]
    return [1] + [i for i in ids if i != 1]


def load_stories(dtype=torch.float32):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(STORIES, dtype=dtype, attn_implementation="eager").eval()
